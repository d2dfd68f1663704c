package future

// Then returns a future that, once f has a value, goes on as the future that fn
// makes of it. An error of f is passed on and fn is not called. fn runs in the
// Poll that finds f ready, which then polls the future it returned; if fn
// panics the future is finished and the panic goes on to whoever polled. The
// waker goes straight to f, and later to the other. Then allocates once and
// panics if fn is nil.
func Then[T, U any](f Future[T], fn func(T) Future[U]) Future[U] {
	if fn == nil {
		panic("future: Then with a nil function")
	}
	return &then[T, U]{src: orNil(f), fn: fn}
}

// A then is before its call of fn while fn is not nil.
type then[T, U any] struct {
	src  Future[T]
	fn   func(T) Future[U]
	next Future[U]
	life life
}

func (t *then[T, U]) Poll(w *Waker) (u U, ready bool, err error) {
	if t.life != live {
		return u, true, t.life.err()
	}
	if t.fn != nil {
		v, ready, err := t.src.Poll(w)
		if !ready {
			return u, false, nil
		}
		fn := t.fn
		t.src, t.fn, t.life = nil, nil, consumed // in case fn panics
		if err != nil {
			return u, true, err
		}
		t.next = orNil(fn(v))
		t.life = live
	}
	u, ready, err = t.next.Poll(w)
	if ready {
		t.next, t.life = nil, consumed
	}
	return u, ready, err
}

// Cancel cancels the source, or the future that came of it.
func (t *then[T, U]) Cancel() {
	if t.life != live {
		return
	}
	src, next := t.src, t.next
	t.src, t.fn, t.next, t.life = nil, nil, nil, canceled
	Cancel(src)
	Cancel(next)
}
