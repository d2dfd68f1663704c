package oneshot

// New returns the two ends of a channel for one message. Both are one
// allocation: two words and the message, 24 bytes for an int.
//
// If the Sender is dropped without being used the receiver waits for ever:
// defer its Close, or use [NewGuarded].
func New[T any]() (*Sender[T], *Receiver[T]) {
	c := new(channel[T])
	return (*Sender[T])(c), (*Receiver[T])(c)
}
