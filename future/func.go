package future

import "reflect"

// Func returns a future whose Poll is poll. Once poll has been ready it is not
// called again, and it is let go. It panics if poll is nil.
//
// The function must follow the rules of [Future]; the ones about a second Poll
// and about Cancel are kept for it. If poll panics, the future is finished and
// the panic goes on to the caller of Poll. Func allocates once.
func Func[T any](poll func(w *Waker) (v T, ready bool, err error)) Future[T] {
	if poll == nil {
		panic("future: Func of a nil function")
	}
	return &pollFunc[T]{poll: poll}
}

type pollFunc[T any] struct {
	poll func(w *Waker) (T, bool, error)
	end  error // once poll is nil: what Poll returns
}

func (f *pollFunc[T]) Poll(w *Waker) (v T, ready bool, err error) {
	poll := f.poll
	if poll == nil {
		return v, true, f.end
	}
	f.poll, f.end = nil, ErrConsumed // in case poll panics
	v, ready, err = poll(w)
	if !ready {
		f.poll = poll
	}
	return v, ready, err
}

// Cancel lets the function go.
func (f *pollFunc[T]) Cancel() {
	if f.poll != nil {
		f.poll, f.end = nil, ErrCanceled
	}
}

func (f *pollFunc[T]) String() string { return typeName("Func", reflect.TypeFor[T]()) }
