package future

import "reflect"

// Ready returns a future that is ready with v. It allocates once.
func Ready[T any](v T) Future[T] { return &ready[T]{value: v} }

// Failed returns a future that is ready with err. A nil err makes it ready with
// the zero value. It allocates once.
func Failed[T any](err error) Future[T] { return &failed[T]{err} }

// A ready is a future that has had its value from the start. It has no room for
// an error, so that one of a T without pointers is nothing that the garbage
// collector scans.
type ready[T any] struct {
	value T
	taken bool
}

func (r *ready[T]) Poll(*Waker) (v T, _ bool, err error) {
	if r.taken {
		return v, true, ErrConsumed
	}
	v = r.value
	*r = ready[T]{taken: true}
	return v, true, nil
}

// asReady returns f if it is a ready, and otherwise nil.
func asReady[T any](f Future[T]) *ready[T] {
	r, _ := f.(*ready[T])
	return r
}

func (r *ready[T]) String() string { return typeName("Ready", reflect.TypeFor[T]()) }

// A failed is a future that has had its error from the start.
type failed[T any] struct{ err error }

func (f *failed[T]) Poll(*Waker) (v T, _ bool, err error) {
	err, f.err = f.err, ErrConsumed
	return v, true, err
}

func (f *failed[T]) String() string { return typeName("Failed", reflect.TypeFor[T]()) }
