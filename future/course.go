package future

// A continuing future is one that goes on as another one from some point, with
// nothing more to do itself: Then, OrElse and Lazy.
type continuing[T any] interface {
	Future[T]
	// advance is Poll up to that point. Either next is the other future, and this
	// one is over, or next is nil and the rest is what Poll returns.
	advance(w *Waker) (next Future[T], v T, ready bool, err error)
	continues()
}

// isContinuing reports whether f is a continuing future. The compiler keeps the
// answers for the types that come up; it would not for a generic interface.
func isContinuing(f any) bool {
	_, is := f.(interface{ continues() })
	return is
}

// A course is the last part of a continuing future: what it goes on as.
//
// A loop is written as a continuing future whose function returns another one,
// and so on. The course of the first of them takes over what the next one goes
// on as, and lets that one go: it is one object and one frame on the stack, however
// many rounds there are.
type course[T any] struct {
	next       Future[T] // nil before; once over: nil, or the owner of the value
	life       life
	continuing bool // next is a continuing future
	paused     bool // it has gone through maxStages futures in one Poll, and would go on
}

// maxStages is how many futures a course goes through in one Poll. After that it
// wakes itself, so that others run, and a consumer sees that it was canceled.
const maxStages = 128

// enter begins the course of f.
func (c *course[T]) enter(f Future[T]) {
	c.next, c.continuing = f, isContinuing(f)
}

// continues marks the futures that end in a course.
func (c *course[T]) continues() {}

// follow is Poll.
func (c *course[T]) follow(w *Waker) (v T, ready bool, err error) {
	if c.continuing {
		return c.followOn(w)
	}
	v, ready, err = c.next.Poll(w)
	if ready {
		c.over(err)
	}
	return v, ready, err
}

// followOn is Poll while next is a continuing future.
func (c *course[T]) followOn(w *Waker) (v T, ready bool, err error) {
	for range maxStages {
		next, v, ready, err := c.next.(continuing[T]).advance(w)
		if next != nil {
			c.enter(next)
			if !c.continuing {
				return c.follow(w)
			}
			continue
		}
		if ready {
			c.over(err)
		}
		return v, ready, err
	}
	c.paused = true
	w.Wake()
	return v, false, nil
}

// over is the end, unless err is no result.
func (c *course[T]) over(err error) {
	switch {
	case err == nil:
		c.next, c.life = ifOwner(c.next), consumed
	case err != ErrBusy:
		c.next, c.life = nil, consumed
	}
}

// handOver is the advance of a future that is on its course already.
func (c *course[T]) handOver() Future[T] {
	next := c.next
	c.next, c.life = nil, consumed
	return next
}

// late is a Poll after the end.
func (c *course[T]) late() (v T, ready bool, err error) {
	if c.life != canceled {
		return v, true, c.life.err()
	}
	next := c.next
	c.next = nil
	v, kept, err := salvage(&c.life, next)
	if kept && err == nil {
		c.next = ifOwner(next)
	}
	return v, true, err
}

// attempt is the course of f in the Poll after Cancel: it has one Poll to be
// ready in, and is canceled. A loop whose rounds are always ready ends there, too.
func (c *course[T]) attempt(f Future[T]) (v T, ready bool, err error) {
	over := false
	defer func() {
		if !over {
			Cancel(c.next) // rule 5
		}
	}()
	c.enter(f)
	v, ready, err = c.follow(nil)
	over = ready
	if ready {
		return v, true, err
	}
	c.life, over = canceled, true
	next := c.next
	if c.paused {
		c.next = nil // its Poll after Cancel would begin the next rounds
	}
	Cancel(next)
	return c.late()
}

func (c *course[T]) owner() func(T) { return ownerOf(c.next) }
