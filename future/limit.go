package future

// A limit is a time that comes or a context that ends.
type limit interface {
	// poll reports whether the limit is reached, and otherwise leaves w to be
	// woken when it is.
	poll(w *Waker) bool
	// cause is the error of what is given up because the limit is reached.
	cause() error
	// stop gives the limit up: it wakes nobody, holds nothing, and is not polled
	// any more.
	stop()
}

// A reached is a future that is ready when a limit is.
type reached struct {
	limit limit
	life  life
}

func (r *reached) Poll(w *Waker) (v struct{}, ready bool, err error) {
	if r.life != live {
		return v, true, r.life.err()
	}
	if !r.limit.poll(w) {
		return v, false, nil
	}
	r.end(consumed)
	return v, true, nil
}

// Cancel stops the limit.
func (r *reached) Cancel() {
	if r.life == live {
		r.end(canceled)
	}
}

func (r *reached) end(l life) {
	r.life = l
	r.limit.stop()
}

// A bounded is a future that is given up when a limit is reached first. The
// source is polled before the limit is looked at: a result that is there wins.
type bounded[T any] struct {
	src   Future[T]
	limit limit
	life  life
}

func (b *bounded[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if b.life != live {
		return v, true, b.life.err()
	}
	v, ready, err = b.src.Poll(w)
	if ready {
		b.end(consumed)
		return v, true, err
	}
	if !b.limit.poll(w) {
		return v, false, nil
	}
	src, cause := b.src, b.limit.cause()
	b.end(consumed)
	v, err = giveUp(src, cause)
	return v, true, err
}

// Cancel stops the limit and cancels the source.
func (b *bounded[T]) Cancel() {
	if b.life == live {
		src := b.src
		b.end(canceled)
		Cancel(src)
	}
}

func (b *bounded[T]) end(l life) {
	b.src, b.life = nil, l
	b.limit.stop()
}
