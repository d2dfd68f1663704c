package future

// A limit is a time that comes or a context that ends.
type limit interface {
	// poll reports whether the limit of the future self is reached, and otherwise
	// leaves w to be woken when it is. The error is ErrBusy, or nil.
	poll(self any, w *Waker) (reached bool, err error)
	// cause is the error of what is given up because the limit is reached.
	cause() error
	// pass is an error of the source as it is passed on: one that is no cause.
	pass(err error) error
	// stop gives the limit up: it wakes no consumer, holds nothing, and is not polled
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
	if reached, err := r.limit.poll(r, w); !reached || err != nil {
		return v, reached, err
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
	src   Future[T] // once over: nil, or the owner of the value
	limit limit
	life  life
}

func (b *bounded[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if b.life != live {
		return b.late()
	}
	v, ready, err = b.src.Poll(w)
	if ready {
		if err == ErrBusy {
			return v, true, err
		}
		return b.end(v, err)
	}
	if reached, err := b.limit.poll(b, w); !reached || err != nil {
		return v, reached, err
	}
	src, cause := b.src, b.limit.cause()
	b.src, b.life = nil, consumed
	b.limit.stop()
	v, err = giveUp(src, cause)
	if err == nil {
		b.src = ifOwner(src)
	}
	return v, true, err
}

// end is the end with the result of the source.
func (b *bounded[T]) end(v T, err error) (T, bool, error) {
	src := b.src
	b.src, b.life = nil, consumed
	b.limit.stop()
	if err == nil {
		b.src = ifOwner(src)
	} else {
		err = b.limit.pass(err)
	}
	return v, true, err
}

// late is a Poll after the end.
func (b *bounded[T]) late() (v T, ready bool, err error) {
	if b.life != canceled {
		return v, true, b.life.err()
	}
	src := b.src
	b.src = nil
	v, kept, err := salvage(&b.life, src)
	switch {
	case !kept:
	case err != nil:
		err = b.limit.pass(err)
	default:
		b.src = ifOwner(src)
	}
	return v, true, err
}

// Cancel stops the limit and cancels the source.
func (b *bounded[T]) Cancel() {
	if b.life == live {
		b.life = canceled
		b.limit.stop()
		Cancel(b.src)
	}
}

// OnDrop is that of a [Dropper].
func (b *bounded[T]) OnDrop(drop func(T)) { onDrop(b.src, drop) }

func (b *bounded[T]) owner() func(T) { return ownerOf(b.src) }
