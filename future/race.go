package future

import "reflect"

// Race returns a future with the result of the first of fs to finish, be it a
// value or an error. The others are canceled then. When several are ready at
// the same Poll, the one woken first wins, and at the first Poll the first
// argument. Without arguments it fails with [ErrNoFutures].
//
// The first Poll polls all of fs, a later one those that were woken since, each
// once at most. If one of them panics the others are canceled, and the panic
// goes on to the caller of Poll. The children are allocated in one piece, 56 bytes
// each, and let go when they have finished.
func Race[T any](fs ...Future[T]) Future[T] {
	if len(fs) == 0 {
		return Failed[T](ErrNoFutures)
	}
	r := new(race[T])
	r.group.init(r, "Race", fs, nil)
	return r
}

type race[T any] struct {
	group group[T]
	life  life
}

func (r *race[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if r.life != live {
		return v, true, r.life.err()
	}
	r.life = consumed // in case a child panics
	if r.group.begin(w) {
		r.life = live
		return v, true, ErrBusy
	}
	i, v, src, err := r.group.next()
	switch {
	case i < 0:
		r.life = live
		return v, false, nil
	case err == nil:
		r.group.win(src, v)
	default:
		r.group.cancel()
	}
	return v, true, err
}

// Cancel cancels all of the futures.
func (r *race[T]) Cancel() {
	if r.life == live {
		r.life = canceled
		r.group.cancel()
	}
}

// OnDrop is that of a [Dropper].
func (r *race[T]) OnDrop(drop func(T)) { r.group.OnDrop(drop) }

func (r *race[T]) owner() func(T) { return r.group.owner() }

func (r *race[T]) String() string { return typeName("Race", reflect.TypeFor[T]()) }
