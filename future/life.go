package future

import "github.com/go-await/await/internal/safe"

// A life is where a future stands. The zero life is the beginning.
type life uint8

const (
	live     life = iota // Poll goes on                                 → consumed, canceled
	consumed             // the result was given out, or a Poll panicked
	canceled             // Cancel came first                            → consumed, by salvage
)

// err is what Poll returns once the life is over.
func (l life) err() error {
	if l == canceled {
		return ErrCanceled
	}
	return ErrConsumed
}

// salvage is what is common to the Polls of one-source combinators after their
// end. The first one after Cancel polls the source once more: a result that came
// before the source was canceled is kept by it (rule 4), and is not lost. src is
// that source, which its combinator has let go of, or nil. kept reports whether
// there is a result; otherwise err is what Poll returns.
func salvage[T any](l *life, src Future[T]) (v T, kept bool, err error) {
	if *l != canceled || src == nil {
		return v, false, l.err()
	}
	*l = consumed // in case src panics
	v, ready, err := src.Poll(nil)
	if !ready || safe.Is(err, ErrCanceled) || safe.Is(err, ErrConsumed) {
		*l = canceled
		var zero T
		return zero, false, ErrCanceled
	}
	return v, true, err
}

// A nilError is ErrNil with a text that says what is nil.
type nilError string

func (e nilError) Error() string        { return string(e) }
func (e nilError) Is(target error) bool { return target == ErrNil }

// orNil is f, or the future that stands for a nil one, which fails with an
// ErrNil that says what is nil.
func orNil[T any](f Future[T], what string) Future[T] {
	if f == nil {
		return nilFuture[T](what)
	}
	return f
}

// nilFuture is apart, so that orNil is inlined.
func nilFuture[T any](what string) Future[T] {
	return Failed[T](nilError("future: " + what + " is nil"))
}
