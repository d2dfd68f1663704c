package future

// Catch returns a future that turns an error of f into what fn makes of it. A
// value of f is passed on and fn is not called. fn runs in the Poll that finds f
// failed; if it panics the future is finished and the panic goes on to whoever
// polled. A panic of f itself is no error of f, and is not caught. The waker
// goes straight to f. Catch allocates once and panics if fn is nil.
func Catch[T any](f Future[T], fn func(error) (T, error)) Future[T] {
	if fn == nil {
		panic("future: Catch with a nil function")
	}
	return &catch[T]{src: orNil(f), fn: fn}
}

type catch[T any] struct {
	src  Future[T]
	fn   func(error) (T, error)
	life life
}

func (c *catch[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if c.life != live {
		return v, true, c.life.err()
	}
	v, ready, err = c.src.Poll(w)
	if !ready {
		return v, false, nil
	}
	fn := c.fn
	c.src, c.fn, c.life = nil, nil, consumed
	if err != nil {
		v, err = fn(err)
	}
	return v, true, err
}

// Cancel cancels the source. The error that results is not caught.
func (c *catch[T]) Cancel() {
	if c.life == live {
		src := c.src
		c.src, c.fn, c.life = nil, nil, canceled
		Cancel(src)
	}
}
