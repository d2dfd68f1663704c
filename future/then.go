package future

import "reflect"

// Then returns a future that, once f has a value, goes on as the future that fn
// makes of it. An error of f is passed on and fn is not called. fn runs in the
// Poll that finds f ready, which then polls the future it returned; if fn
// panics the future is finished and the panic goes on to the caller of Poll. The
// waker goes straight to f, and later to the other. Then allocates once and
// panics if fn is nil.
//
// A loop is a function that returns a Then whose fn calls the function again. It
// takes constant memory and stack, and each round the same time. So do loops of
// [OrElse] and [Lazy], and mixed ones. When many rounds in a row are ready at
// once, Then wakes itself after 128 of them and goes on at the next Poll.
//
// A value that f had when it was canceled is not lost: the Poll after Cancel
// calls fn with it. The future that fn returns has that one Poll to be ready in,
// and is canceled otherwise.
func Then[T, U any](f Future[T], fn func(T) Future[U]) Future[U] {
	if fn == nil {
		panic("future: Then with a nil function")
	}
	return &then[T, U]{src: orNil(f, "Then: the future"), fn: fn}
}

// A then is before its call of fn while fn is not nil, and then on its course.
type then[T, U any] struct {
	course[U]
	src Future[T]
	fn  func(T) Future[U]
}

func (t *then[T, U]) Poll(w *Waker) (u U, ready bool, err error) {
	if t.life != live {
		return t.late()
	}
	if t.fn != nil {
		v, ready, err := t.src.Poll(w)
		if !ready {
			return u, false, nil
		}
		if err != nil {
			t.fail(err)
			return u, true, err
		}
		next := t.call(v)
		if last := asReady(next); last != nil {
			return last.Poll(w) // it is over; this is quicker than to go on as it
		}
		t.life = live
		t.enter(next)
	}
	if t.continuing {
		return t.followOn(w)
	}
	u, ready, err = t.next.Poll(w)
	if ready {
		t.over(err)
	}
	return u, ready, err
}

// call ends the first part: it turns the value of the source into the future to go
// on as.
func (t *then[T, U]) call(v T) Future[U] {
	fn := t.fn
	t.src, t.fn, t.life = nil, nil, consumed // over, also if fn panics
	return orNil(fn(v), "Then: the future that its function returned")
}

// fail is the end by an error of the source, unless that is no result.
func (t *then[T, U]) fail(err error) {
	if err != ErrBusy {
		t.src, t.fn, t.life = nil, nil, consumed
	}
}

func (t *then[T, U]) advance(w *Waker) (next Future[U], u U, ready bool, err error) {
	switch {
	case t.life != live:
		u, ready, err = t.late()
		return nil, u, ready, err
	case t.fn == nil:
		return t.handOver(), u, false, nil
	}
	v, ready, err := t.src.Poll(w)
	switch {
	case !ready:
		return nil, u, false, nil
	case err != nil:
		t.fail(err)
		return nil, u, true, err
	}
	return t.call(v), u, false, nil
}

// late is a Poll after the end.
func (t *then[T, U]) late() (u U, ready bool, err error) {
	if t.fn == nil {
		return t.course.late()
	}
	src, fn := t.src, t.fn
	t.src, t.fn = nil, nil
	v, kept, err := salvage(&t.life, src)
	if !kept || err != nil {
		return u, true, err
	}
	return t.attempt(orNil(fn(v), "Then: the future that its function returned"))
}

// Cancel cancels the source, or the future that came of it.
func (t *then[T, U]) Cancel() {
	if t.life != live {
		return
	}
	t.life = canceled
	if t.fn != nil {
		Cancel(t.src)
	} else {
		Cancel(t.next)
	}
}

// OnDrop is that of a [Dropper].
func (t *then[T, U]) OnDrop(drop func(U)) {
	if t.fn == nil {
		onDrop(t.next, drop)
		return
	}
	fn := t.fn
	t.fn = func(v T) Future[U] {
		next := fn(v)
		onDrop(next, drop)
		return next
	}
}

func (t *then[T, U]) String() string {
	return typeName("Then", reflect.TypeFor[T](), reflect.TypeFor[U]())
}
