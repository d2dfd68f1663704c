package oneshot

// Deliver sends as the parts of this module do that run functions of others: a
// value that is refused is dropped.
func Deliver[T any](tx *Sender[T], v T, err error) error { return tx.channel().Deliver(&v, err) }
