package future

import "reflect"

// OrElse returns a future that, if f fails, goes on as the future that fn makes of
// the error. A value of f is passed on and fn is not called. fn runs in the Poll
// that finds f failed, which then polls the future it returned; if fn panics the
// future is finished and the panic goes on to the caller of Poll. A panic of f is
// no error of f; nor is [ErrCanceled] after Cancel. The waker goes straight to f,
// and later to the other. OrElse allocates once and panics if fn is nil.
//
// A function that returns an OrElse whose fn calls the function again tries until
// it succeeds. Like a loop of [Then] it takes constant memory and stack, and each
// round the same time.
//
// A result that f had when it was canceled is not lost: the Poll after Cancel
// gives its value, or calls fn with its error. The future that fn returns has that
// one Poll to be ready in, and is canceled otherwise.
func OrElse[T any](f Future[T], fn func(error) Future[T]) Future[T] {
	if fn == nil {
		panic("future: OrElse with a nil function")
	}
	return &orElse[T]{src: orNil(f, "OrElse: the future"), fn: fn}
}

// An orElse is before its call of fn while fn is not nil, and then on its course.
type orElse[T any] struct {
	course[T] // if it is over without one, next is the owner of the value, or nil
	src       Future[T]
	fn        func(error) Future[T]
}

func (o *orElse[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if o.life != live {
		return o.late()
	}
	if o.fn != nil {
		next, v, ready, err := o.first(w)
		if next == nil {
			return v, ready, err
		}
		o.enter(next)
	}
	return o.follow(w)
}

// first polls the source. next is what fn made of its error; without one the rest
// is what Poll returns.
func (o *orElse[T]) first(w *Waker) (next Future[T], v T, ready bool, err error) {
	v, ready, err = o.src.Poll(w)
	if !ready || err == ErrBusy {
		return nil, v, ready, err
	}
	src, fn := o.src, o.fn
	o.src, o.fn, o.life = nil, nil, consumed // in case fn panics
	if err == nil {
		o.next = ifOwner(src)
		return nil, v, true, nil
	}
	next = orNil(fn(err), "OrElse: the future that its function returned")
	o.life = live
	var zero T
	return next, zero, false, nil
}

func (o *orElse[T]) advance(w *Waker) (next Future[T], v T, ready bool, err error) {
	switch {
	case o.life != live:
		v, ready, err = o.late()
		return nil, v, ready, err
	case o.fn == nil:
		return o.handOver(), v, false, nil
	}
	next, v, ready, err = o.first(w)
	if next != nil {
		o.life = consumed
	}
	return next, v, ready, err
}

// late is a Poll after the end.
func (o *orElse[T]) late() (v T, ready bool, err error) {
	if o.fn == nil {
		return o.course.late()
	}
	src, fn := o.src, o.fn
	o.src, o.fn = nil, nil
	v, kept, err := salvage(&o.life, src)
	switch {
	case !kept:
		return v, true, err
	case err == nil:
		o.next = ifOwner(src)
		return v, true, nil
	}
	return o.attempt(orNil(fn(err), "OrElse: the future that its function returned"))
}

// Cancel cancels the source, or the future that came of its error.
func (o *orElse[T]) Cancel() {
	if o.life != live {
		return
	}
	o.life = canceled
	if o.fn != nil {
		Cancel(o.src)
	} else {
		Cancel(o.next)
	}
}

// OnDrop is that of a [Dropper].
func (o *orElse[T]) OnDrop(drop func(T)) {
	if o.fn == nil {
		onDrop(o.next, drop)
		return
	}
	onDrop(o.src, drop)
	fn := o.fn
	o.fn = func(err error) Future[T] {
		next := fn(err)
		onDrop(next, drop)
		return next
	}
}

func (o *orElse[T]) String() string { return typeName("OrElse", reflect.TypeFor[T]()) }
