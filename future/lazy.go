package future

// Lazy returns a future that calls make at its first Poll and goes on as the
// future that make returned. A future cancelled before its first Poll never
// calls make. If make panics, the panic goes on to whoever polled. The waker goes
// straight to the future that make returned. Lazy allocates once and panics if
// make is nil.
func Lazy[T any](make func() Future[T]) Future[T] {
	if make == nil {
		panic("future: Lazy of a nil function")
	}
	return &lazy[T]{make: make}
}

type lazy[T any] struct {
	make func() Future[T]
	src  Future[T] // once make has been called
	life life
}

func (l *lazy[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if l.life != live {
		return v, true, l.life.err()
	}
	if l.src == nil {
		make := l.make
		l.make, l.life = nil, consumed // in case make panics
		l.src = orNil(make())
		l.life = live
	}
	v, ready, err = l.src.Poll(w)
	if ready {
		l.src, l.life = nil, consumed
	}
	return v, ready, err
}

// Cancel cancels the future that make returned, if it was called.
func (l *lazy[T]) Cancel() {
	if l.life != live {
		return
	}
	src := l.src
	l.make, l.src, l.life = nil, nil, canceled
	Cancel(src)
}
