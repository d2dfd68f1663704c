package future

// All returns a future of the values of all fs, in the order of the arguments.
// The first error that a Poll comes upon is the result, and the rest is
// cancelled then. Without arguments it is ready with an empty slice.
//
// The first Poll polls all of fs, a later one those that were woken since, each
// once at most. A wake costs the same however many there are. If one of them
// panics the others are cancelled, and the panic goes on to whoever polled.
//
// All is woken by each wake of one of fs, except that the success of a [Settler]
// is only counted: a hundred goroutines, messages or tasks are one wake. All
// allocates 56 bytes for each child, or 16 if that is a settler, in one piece for
// each of the two kinds, and the slice of values. It lets each child go when its
// result has been taken.
func All[T any](fs ...Future[T]) Future[[]T] {
	a := new(all[T])
	a.gather.init(fs, true)
	return a
}

type all[T any] struct {
	gather gather[T]
	values []T // allocated with the first of them
	life   life
}

func (a *all[T]) Poll(w *Waker) (values []T, ready bool, err error) {
	if a.life != live {
		return nil, true, a.life.err()
	}
	a.life = consumed // in case a child panics
	if a.values == nil {
		a.values = make([]T, a.gather.left())
	}
	a.gather.begin(w)
	for a.gather.left() > 0 {
		i, v, err := a.gather.next()
		if err != nil {
			a.values = nil
			a.gather.cancel()
			return nil, true, err
		}
		if i < 0 {
			a.life = live
			return nil, false, nil
		}
		a.values[i] = v
	}
	values, a.values = a.values, nil
	a.gather.cancel()
	return values, true, nil
}

// Cancel cancels the futures that have not finished.
func (a *all[T]) Cancel() {
	if a.life == live {
		a.life, a.values = canceled, nil
		a.gather.cancel()
	}
}
