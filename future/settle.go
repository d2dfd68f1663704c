package future

import "reflect"

// Settle returns a future of the results of all fs, values and errors, in the
// order of the arguments. It has no error of its own. Without arguments it is
// ready with an empty slice.
//
// Polling, panics and memory are as for [All]; of a [Settler], errors are only
// counted, too.
func Settle[T any](fs ...Future[T]) Future[[]Result[T]] {
	s := new(settle[T])
	s.gather.init(s, "Settle", fs, false)
	return s
}

type settle[T any] struct {
	gather  gather[T]
	results []Result[T] // allocated by the first Poll
	owners  owners[T]
	life    life
}

func (s *settle[T]) Poll(w *Waker) (results []Result[T], ready bool, err error) {
	if s.life != live {
		return nil, true, s.life.err()
	}
	s.life = consumed // in case a child panics
	if s.results == nil {
		s.results = make([]Result[T], s.gather.left())
	}
	if s.gather.begin(w) {
		s.life = live
		return nil, true, ErrBusy
	}
	for s.gather.left() > 0 {
		i, v, src, err := s.gather.next()
		if i < 0 {
			s.life = live
			return nil, false, nil
		}
		s.results[i] = Result[T]{v, err}
		if src != nil && err == nil {
			s.owners.add(i, src)
		}
	}
	results, s.results = s.results, nil
	s.gather.cancel()
	return results, true, nil
}

// Cancel cancels the futures that have not finished, and gives back the values of
// those that have.
func (s *settle[T]) Cancel() {
	switch {
	case s.life == live:
		s.life = canceled
		s.giveUp()
	case s.results != nil: // a child has panicked
		s.giveUp()
	}
}

func (s *settle[T]) giveUp() {
	results, owners := s.results, s.owners
	s.results, s.owners = nil, nil
	if owners != nil {
		defer owners.release(func(i int) T { return results[i].Value })
	}
	s.gather.cancel()
}

func (s *settle[T]) owner() func([]Result[T]) {
	if s.owners == nil {
		return nil
	}
	return func(results []Result[T]) {
		s.owners.release(func(i int) T { return results[i].Value })
	}
}

func (s *settle[T]) String() string { return typeName("Settle", reflect.TypeFor[T]()) }
