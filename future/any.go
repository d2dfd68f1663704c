package future

import (
	"errors"
	"reflect"
)

// Any returns a future with the first value of fs. The others are canceled
// then. When all fail, it fails with all their errors joined, in the order of
// the arguments. Without arguments it fails with [ErrNoFutures].
//
// The first Poll polls all of fs, a later one those that were woken since, each
// once at most. If one of them panics the others are canceled, and the panic
// goes on to the caller of Poll. The children are allocated in one piece, 56 bytes
// each, and let go when they have finished.
func Any[T any](fs ...Future[T]) Future[T] {
	if len(fs) == 0 {
		return Failed[T](ErrNoFutures)
	}
	a := new(anyOf[T])
	a.group.init(a, "Any", fs, nil)
	return a
}

type anyOf[T any] struct {
	group group[T]
	errs  []error // allocated with the first of them
	life  life
}

func (a *anyOf[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if a.life != live {
		return v, true, a.life.err()
	}
	a.life = consumed // in case a child panics
	if a.group.begin(w) {
		a.life = live
		return v, true, ErrBusy
	}
	for a.group.running > 0 {
		i, v, src, err := a.group.next()
		if i < 0 {
			a.life = live
			return v, false, nil
		}
		if err == nil {
			a.errs = nil
			a.group.win(src, v)
			return v, true, nil
		}
		if a.errs == nil {
			a.errs = make([]error, len(a.group.children))
		}
		a.errs[i] = err
	}
	err, a.errs = errors.Join(a.errs...), nil
	a.group.cancel()
	return v, true, err
}

// Cancel cancels the futures that have not finished.
func (a *anyOf[T]) Cancel() {
	if a.life == live {
		a.life, a.errs = canceled, nil
		a.group.cancel()
	}
}

// OnDrop is that of a [Dropper].
func (a *anyOf[T]) OnDrop(drop func(T)) { a.group.OnDrop(drop) }

func (a *anyOf[T]) owner() func(T) { return a.group.owner() }

func (a *anyOf[T]) String() string { return typeName("Any", reflect.TypeFor[T]()) }
