package future

// Settle returns a future of the results of all fs, values and errors, in the
// order of the arguments. It has no error of its own. Without arguments it is
// ready with an empty slice.
//
// Polling, panics and memory are as for [All]; of a [Settler], errors are only
// counted, too.
func Settle[T any](fs ...Future[T]) Future[[]Result[T]] {
	s := new(settle[T])
	s.gather.init(fs, false)
	return s
}

type settle[T any] struct {
	gather  gather[T]
	results []Result[T] // allocated by the first Poll
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
	s.gather.begin(w)
	for s.gather.left() > 0 {
		i, v, err := s.gather.next()
		if i < 0 {
			s.life = live
			return nil, false, nil
		}
		s.results[i] = Result[T]{v, err}
	}
	results, s.results = s.results, nil
	s.gather.cancel()
	return results, true, nil
}

// Cancel cancels the futures that have not finished.
func (s *settle[T]) Cancel() {
	if s.life == live {
		s.life, s.results = canceled, nil
		s.gather.cancel()
	}
}
