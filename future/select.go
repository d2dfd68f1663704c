package future

import "reflect"

// An Either is the value of the first of two futures to finish.
type Either[A, B any] struct {
	Index int // 0: A was first, 1: B was
	A     A
	B     B
}

// An Either3 is the value of the first of three futures to finish.
type Either3[A, B, C any] struct {
	Index int // 0: A was first, 1: B, 2: C
	A     A
	B     B
	C     C
}

// An Either4 is the value of the first of four futures to finish.
type Either4[A, B, C, D any] struct {
	Index int // 0: A was first, 1: B, 2: C, 3: D
	A     A
	B     B
	C     C
	D     D
}

// Select2 returns a future with the result of the first of a and b to finish, be
// it a value or an error. The other is canceled then. When both are ready at
// the same Poll, a wins. The waker goes straight to both, and each Poll polls
// both. The Index of the result says which was first also when there is an
// error. If one of them panics the panic goes on to the caller of Poll, whose
// Cancel cancels both. Select2 allocates once.
//
// A loop of Selects lends what it wants to wait for again: see [Borrow].
func Select2[A, B any](a Future[A], b Future[B]) Future[Either[A, B]] {
	return &select2[A, B]{a: orNil(a, "Select2: future 1 of 2"), b: orNil(b, "Select2: future 2 of 2")}
}

type select2[A, B any] struct {
	a    Future[A] // once over: nil, or the owner of the value
	b    Future[B]
	by   consumerOf
	life life
}

func (s *select2[A, B]) Poll(w *Waker) (e Either[A, B], ready bool, err error) {
	if s.life != live {
		return e, true, s.life.err()
	}
	if s.by.isBusy(s, w) {
		return e, true, ErrBusy
	}
	if e.A, ready, err = s.a.Poll(w); ready {
		s.a = win(s, s.a, e.A, err, s.b)
		return e, true, err
	}
	if e.B, ready, err = s.b.Poll(w); ready {
		e.Index = 1
		s.b = win(s, s.b, e.B, err, s.a)
		return e, true, err
	}
	return e, false, nil
}

// win is the end of a Select2 that src has won: the other is canceled. It returns
// the owner of the value, or nil.
func win[A, B, T any](s *select2[A, B], src Future[T], v T, err error, loser any) (owner Future[T]) {
	s.a, s.b, s.life, s.by = nil, nil, consumed, consumerOf{}
	if err != nil {
		Cancel(loser)
		return nil
	}
	canceled := false
	defer func() {
		if !canceled {
			giveBack(src, v) // Cancel panicked
		}
	}()
	Cancel(loser)
	canceled = true
	return ifOwner(src)
}

// Cancel cancels both.
func (s *select2[A, B]) Cancel() {
	if s.life == live {
		a, b := s.a, s.b
		s.a, s.b, s.life, s.by = nil, nil, canceled, consumerOf{}
		defer Cancel(b)
		Cancel(a)
	}
}

func (s *select2[A, B]) owner() func(Either[A, B]) {
	if release := ownerOf(s.a); release != nil {
		return func(e Either[A, B]) { release(e.A) }
	}
	if release := ownerOf(s.b); release != nil {
		return func(e Either[A, B]) { release(e.B) }
	}
	return nil
}

func (s *select2[A, B]) String() string {
	return typeName("Select2", reflect.TypeFor[A](), reflect.TypeFor[B]())
}

// Select3 is [Select2] for three futures. It allocates once and once for each of
// them.
func Select3[A, B, C any](a Future[A], b Future[B], c Future[C]) Future[Either3[A, B, C]] {
	s := new(choice[Either3[A, B, C]])
	s.index = &s.value.Index
	s.parts[0] = &part[A]{orNil(a, "Select3: future 1 of 3"), &s.value.A}
	s.parts[1] = &part[B]{orNil(b, "Select3: future 2 of 3"), &s.value.B}
	s.parts[2] = &part[C]{orNil(c, "Select3: future 3 of 3"), &s.value.C}
	return s
}

// Select4 is [Select2] for four futures. It allocates once and once for each of
// them.
func Select4[A, B, C, D any](a Future[A], b Future[B], c Future[C], d Future[D]) Future[Either4[A, B, C, D]] {
	s := new(choice[Either4[A, B, C, D]])
	s.index = &s.value.Index
	s.parts[0] = &part[A]{orNil(a, "Select4: future 1 of 4"), &s.value.A}
	s.parts[1] = &part[B]{orNil(b, "Select4: future 2 of 4"), &s.value.B}
	s.parts[2] = &part[C]{orNil(c, "Select4: future 3 of 4"), &s.value.C}
	s.parts[3] = &part[D]{orNil(d, "Select4: future 4 of 4"), &s.value.D}
	return s
}

// A choice is the first of its parts to finish. T is an Either3 or an Either4.
type choice[T any] struct {
	value T
	index *int      // in value
	parts [4]joined // nil: not used; once over: only what gives the value back
	by    consumerOf
	life  life
}

func (c *choice[T]) Poll(w *Waker) (v T, ready bool, err error) {
	if c.life != live {
		return v, true, c.life.err()
	}
	if c.by.isBusy(c, w) {
		return v, true, ErrBusy
	}
	for i, p := range c.parts {
		if p == nil {
			continue
		}
		if ready, err := p.poll(w); ready {
			*c.index = i
			v := c.value
			if err == nil {
				c.parts[i] = p.finished()
			} else {
				c.parts[i] = nil
			}
			c.win(i)
			return v, true, err
		}
	}
	return v, false, nil
}

// win cancels all parts but the one of index i, which has won. That gives its value
// back if a Cancel panics.
func (c *choice[T]) win(i int) {
	winner := c.parts[i]
	c.parts[i], c.life, c.by = nil, consumed, consumerOf{}
	canceled := false
	defer func() {
		if !canceled && winner != nil {
			winner.Cancel()
		}
		var zero T
		c.value = zero
	}()
	c.cancelParts()
	canceled = true
	c.parts[i] = winner
}

// Cancel cancels all.
func (c *choice[T]) Cancel() {
	if c.life == live {
		c.life, c.by = canceled, consumerOf{}
		c.cancelParts()
	}
}

func (c *choice[T]) cancelParts() {
	parts := c.parts
	c.parts = [4]joined{}
	cancelParts(parts)
}

func (c *choice[T]) owner() func(T) {
	if c.parts == [4]joined{} {
		return nil
	}
	return func(v T) {
		c.value = v
		c.cancelParts()
	}
}

func (c *choice[T]) String() string { return typeName("Select", reflect.TypeFor[T]()) }
