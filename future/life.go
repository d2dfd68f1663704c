package future

// A life is where a future stands. The zero life is the beginning.
type life uint8

const (
	live     life = iota // Poll goes on              → consumed, canceled
	consumed             // the result was given out, or a Poll panicked
	canceled             // Cancel came first
)

// err is what Poll returns once the life is over.
func (l life) err() error {
	if l == canceled {
		return ErrCanceled
	}
	return ErrConsumed
}

// orNil is f, or the future that stands for a nil one.
func orNil[T any](f Future[T]) Future[T] {
	if f == nil {
		return Failed[T](ErrNil)
	}
	return f
}
