package future

import "reflect"

// Lazy returns a future that calls make at its first Poll and goes on as the
// future that make returned. A future canceled before its first Poll never
// calls make. If make panics, the panic goes on to the caller of Poll. The waker
// goes straight to the future that make returned. Lazy allocates once and panics
// if make is nil. It may be a stage of a loop, as [Then] says.
//
// A result that the future had when it was canceled is not lost: the Poll after
// Cancel gives it.
func Lazy[T any](make func() Future[T]) Future[T] {
	if make == nil {
		panic("future: Lazy of a nil function")
	}
	return &lazy[T]{make: make}
}

// A lazy is before its call of make while make is not nil, and then on its course.
type lazy[T any] struct {
	course[T]
	make func() Future[T]
}

func (l *lazy[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if l.life != live {
		return l.late()
	}
	if l.make != nil {
		l.enter(l.made())
	}
	return l.follow(w)
}

func (l *lazy[T]) made() Future[T] {
	make := l.make
	l.make, l.life = nil, consumed // in case make panics
	f := orNil(make(), "Lazy: the future that its function returned")
	l.life = live
	return f
}

func (l *lazy[T]) advance(*Waker) (next Future[T], v T, ready bool, err error) {
	switch {
	case l.life != live:
		v, ready, err = l.late()
		return nil, v, ready, err
	case l.make == nil:
		return l.handOver(), v, false, nil
	}
	next = l.made()
	l.life = consumed
	return next, v, false, nil
}

// Cancel cancels the future that make returned, if it was called.
func (l *lazy[T]) Cancel() {
	if l.life == live {
		l.make, l.life = nil, canceled
		Cancel(l.next)
	}
}

// OnDrop is that of a [Dropper].
func (l *lazy[T]) OnDrop(drop func(T)) {
	if l.make == nil {
		onDrop(l.next, drop)
		return
	}
	make := l.make
	l.make = func() Future[T] {
		f := make()
		onDrop(f, drop)
		return f
	}
}

func (l *lazy[T]) String() string { return typeName("Lazy", reflect.TypeFor[T]()) }
