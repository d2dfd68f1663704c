package future

// Ready returns a future that is ready with v.
func Ready[T any](v T) Future[T] { return &result[T]{value: v} }

// Failed returns a future that is ready with err. A nil err makes it ready with
// the zero value.
func Failed[T any](err error) Future[T] { return &result[T]{err: err} }

// A result is a future that has been ready from the start.
type result[T any] struct {
	value T
	err   error
	taken bool
}

func (r *result[T]) Poll(*Waker) (T, bool, error) {
	v, err := r.value, r.err
	if r.taken {
		return v, true, ErrConsumed
	}
	*r = result[T]{taken: true}
	return v, true, err
}
