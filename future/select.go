package future

// An Either is the value of the first of two futures to finish.
type Either[A, B any] struct {
	Index int // 0: A was first, 1: B was
	A     A
	B     B
}

// Select2 returns a future with the result of the first of a and b to finish, be
// it a value or an error. The other is cancelled then. When both are ready at
// the same Poll, a wins. The waker goes straight to both, and each Poll polls
// both. The Index of the result says which was first also when there is an
// error. If one of them panics the panic goes on to whoever polled, whose Cancel
// cancels both. Select2 allocates once.
func Select2[A, B any](a Future[A], b Future[B]) Future[Either[A, B]] {
	return &select2[A, B]{a: orNil(a), b: orNil(b)}
}

type select2[A, B any] struct {
	a    Future[A]
	b    Future[B]
	life life
}

func (s *select2[A, B]) Poll(w *Waker) (e Either[A, B], ready bool, err error) {
	if s.life != live {
		return e, true, s.life.err()
	}
	if e.A, ready, err = s.a.Poll(w); ready {
		loser := s.b
		s.a, s.b, s.life = nil, nil, consumed
		Cancel(loser)
		return e, true, err
	}
	if e.B, ready, err = s.b.Poll(w); ready {
		loser := s.a
		s.a, s.b, s.life = nil, nil, consumed
		Cancel(loser)
		e.Index = 1
		return e, true, err
	}
	return e, false, nil
}

// Cancel cancels both.
func (s *select2[A, B]) Cancel() {
	if s.life == live {
		a, b := s.a, s.b
		s.a, s.b, s.life = nil, nil, canceled
		defer Cancel(b)
		Cancel(a)
	}
}
