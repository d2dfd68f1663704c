package future

// A Dropper is a future that may come to a value that no Poll returns: one that
// comes after Cancel, or that is in the future when it is closed. Goroutines,
// receivers of messages and handles of tasks are such futures. [Owned] asks them
// for that value, to release it.
//
// OnDrop makes the future call drop with such a value, exactly once. A value that
// comes with an error is not dropped, nor is one that a Poll returns: for a value
// that had come before Cancel the owner polls once more, by rule 4. OnDrop is called
// by the owner of the future, before its first Poll. Several calls add up. drop is
// called from any goroutine, without a lock held.
type Dropper[T any] interface {
	OnDrop(drop func(T))
}
