package future

import "reflect"

// All returns a future of the values of all fs, in the order of the arguments.
// The first error that a Poll comes upon is the result; the rest is canceled
// then, and the values that had come are given back if they are [Owned]. Without arguments it is ready with an empty slice.
//
// The first Poll polls all of fs, a later one those that were woken since, each
// once at most. A wake costs the same however many there are. If one of them
// panics the others are canceled, and the panic goes on to the caller of Poll.
//
// All is woken by each wake of one of fs, except that the success of a [Settler]
// is only counted: a hundred goroutines, messages or tasks are one wake. All
// allocates 56 bytes for each child, or 16 if that is a settler, in one piece for
// each of the two kinds, and the slice of values. It lets each child go when its
// result has been taken.
func All[T any](fs ...Future[T]) Future[[]T] {
	a := new(all[T])
	a.gather.init(a, "All", fs, true)
	return a
}

type all[T any] struct {
	gather gather[T]
	values []T // allocated with the first of them
	owners owners[T]
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
	if a.gather.begin(w) {
		a.life = live
		return nil, true, ErrBusy
	}
	for a.gather.left() > 0 {
		i, v, src, err := a.gather.next()
		if err != nil {
			a.giveUp()
			return nil, true, err
		}
		if i < 0 {
			a.life = live
			return nil, false, nil
		}
		a.values[i] = v
		if src != nil {
			a.owners.add(i, src)
		}
	}
	values, a.values = a.values, nil
	a.gather.cancel()
	return values, true, nil
}

// Cancel cancels the futures that have not finished, and gives back the values of
// those that have.
func (a *all[T]) Cancel() {
	switch {
	case a.life == live:
		a.life = canceled
		a.giveUp()
	case a.values != nil: // a child has panicked
		a.giveUp()
	}
}

func (a *all[T]) giveUp() {
	values, owners := a.values, a.owners
	a.values, a.owners = nil, nil
	if owners != nil {
		defer owners.release(func(i int) T { return values[i] })
	}
	a.gather.cancel()
}

func (a *all[T]) owner() func([]T) {
	if a.owners == nil {
		return nil
	}
	return func(values []T) { a.owners.release(func(i int) T { return values[i] }) }
}

func (a *all[T]) String() string { return typeName("All", reflect.TypeFor[T]()) }
