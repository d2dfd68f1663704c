package future

// Map returns a future of what fn makes of the value of f. An error of f is
// passed on and fn is not called. fn runs in the Poll that finds f ready; if it
// panics the future is finished and the panic goes on to whoever polled. The
// waker goes straight to f. Map allocates once and panics if fn is nil.
func Map[T, U any](f Future[T], fn func(T) (U, error)) Future[U] {
	if fn == nil {
		panic("future: Map with a nil function")
	}
	return &mapped[T, U]{src: orNil(f), fn: fn}
}

type mapped[T, U any] struct {
	src  Future[T]
	fn   func(T) (U, error)
	life life
}

func (m *mapped[T, U]) Poll(w *Waker) (u U, ready bool, err error) {
	if m.life != live {
		return u, true, m.life.err()
	}
	v, ready, err := m.src.Poll(w)
	if !ready {
		return u, false, nil
	}
	fn := m.fn
	m.src, m.fn, m.life = nil, nil, consumed
	if err == nil {
		u, err = fn(v)
	}
	return u, true, err
}

// Cancel cancels the source.
func (m *mapped[T, U]) Cancel() {
	if m.life == live {
		src := m.src
		m.src, m.fn, m.life = nil, nil, canceled
		Cancel(src)
	}
}
