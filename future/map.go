package future

import "reflect"

// Map returns a future of what fn makes of the value of f. An error of f is
// passed on and fn is not called. fn runs in the Poll that finds f ready; if it
// panics the future is finished and the panic goes on to the caller of Poll. The
// waker goes straight to f. Map allocates once and panics if fn is nil.
//
// A value that f had when it was canceled is not lost: the Poll after Cancel
// calls fn with it.
func Map[T, U any](f Future[T], fn func(T) (U, error)) Future[U] {
	if fn == nil {
		panic("future: Map with a nil function")
	}
	return &mapped[T, U]{src: orNil(f, "Map: the future"), fn: fn}
}

type mapped[T, U any] struct {
	src  Future[T]
	fn   func(T) (U, error)
	life life
}

func (m *mapped[T, U]) Poll(w *Waker) (u U, ready bool, err error) {
	if m.life != live {
		return m.late()
	}
	v, ready, err := m.src.Poll(w)
	if !ready {
		return u, false, nil
	}
	if err != nil && err == ErrBusy {
		return u, true, err
	}
	fn := m.fn
	m.src, m.fn, m.life = nil, nil, consumed
	if err == nil {
		u, err = fn(v)
	}
	return u, true, err
}

// late is a Poll after the end.
func (m *mapped[T, U]) late() (u U, ready bool, err error) {
	src, fn := m.src, m.fn
	m.src, m.fn = nil, nil
	v, kept, err := salvage(&m.life, src)
	if kept && err == nil {
		u, err = fn(v)
	}
	return u, true, err
}

// Cancel cancels the source.
func (m *mapped[T, U]) Cancel() {
	if m.life == live {
		m.life = canceled
		Cancel(m.src)
	}
}

func (m *mapped[T, U]) String() string {
	return typeName("Map", reflect.TypeFor[T](), reflect.TypeFor[U]())
}
