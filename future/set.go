package future

import "reflect"

// A Set is a changing number of futures, whose results are taken as they
// complete. The zero Set is empty and ready to use. It must not be copied.
//
// It costs the same to wake one of ten futures and one of ten thousand: only
// those that were woken are polled, in the order of their wakes. A future that
// keeps waking itself does not keep the others from being polled. Each future
// takes 64 bytes and 8 in a list, and is let go when it has finished.
//
// A Set belongs to one goroutine or task at a time, like the futures in it.
// Wakers, as ever, may be woken from anywhere.
type Set[T any] struct {
	_        noCopy
	queue    queue[T]
	children []*child[T] // by their index; the order means nothing
	pending  *next[T]    // whose waker is the queue's
}

// Add adds f, which is polled when a result is next waited for. A future of
// [Set.Next] that is pending is woken.
func (s *Set[T]) Add(f Future[T]) {
	if s == nil {
		panic("future: Add to a nil Set")
	}
	s.queue.whole = s
	c := new(child[T])
	c.init(&s.queue, orNil(f, "Set.Add: the future"), len(s.children))
	s.children = append(s.children, c)
	c.OnWake()
}

// Len returns how many futures there are whose results have not been taken.
func (s *Set[T]) Len() int {
	if s == nil {
		return 0
	}
	return len(s.children)
}

// String names the type of s, and reads nothing of it.
func (s *Set[T]) String() string { return typeName("Set", reflect.TypeFor[T]()) }

// Next returns a future of the result of whichever future of the set is the next
// to finish. Its own error is [ErrNoFutures] if the set is empty, when it is polled,
// and nil otherwise: that of the future is in the Result. Canceling it leaves
// the set as it is, so the context of an [Await] is one for waiting only.
//
// Each Poll of it polls every future of the set at most once. If one of them
// panics it is canceled and leaves the set, and the panic goes on to the caller of
// Poll. Next allocates once.
//
// One Next is pending at a time: to poll another one cancels it, as with [Cancel],
// and wakes its waker, unless the other is polled with the same. A second consumer of
// the same one gets [ErrBusy].
func (s *Set[T]) Next() Future[Result[T]] {
	if s == nil {
		panic("future: Next of a nil Set")
	}
	return &next[T]{set: s}
}

// Cancel cancels the futures in the set, in no particular order, and empties it.
// A future of Next that is pending is woken.
func (s *Set[T]) Cancel() {
	if s == nil {
		return
	}
	waker := s.queue.waker.Load()
	s.queue.end()
	defer waker.Wake()
	s.cancelAll()
}

func (s *Set[T]) cancelAll() {
	defer func() {
		if len(s.children) > 0 {
			s.cancelAll() // a Cancel panicked: the rest all the same
		}
	}()
	for len(s.children) > 0 {
		c := s.children[len(s.children)-1]
		s.remove(c)
		c.cancel()
	}
}

// poll takes the next result, and returns the future it is of.
func (s *Set[T]) poll(w *Waker) (r Result[T], src Future[T], ready bool, err error) {
	if s.queue.begin(w) {
		return r, nil, true, ErrBusy
	}
	for c := s.queue.take(); c != nil; c = s.queue.take() {
		src := c.src
		if r, ready = s.pollChild(c); ready {
			return r, src, true, nil
		}
	}
	if len(s.children) == 0 {
		return r, nil, true, ErrNoFutures
	}
	if s.queue.waker.Load() != w {
		w.Wake() // a child's Poll used the set, and left another waker in it
	}
	return r, nil, false, nil
}

func (s *Set[T]) pollChild(c *child[T]) (r Result[T], ready bool) {
	polled := false
	defer func() {
		if !polled {
			s.remove(c)
			c.cancel() // rule 5
		}
	}()
	r.Value, ready, r.Err = c.poll()
	polled = true
	if ready {
		s.remove(c)
	}
	return r, ready
}

// remove takes c out of the list. The last one takes its place.
func (s *Set[T]) remove(c *child[T]) {
	if i := int(c.index); i >= len(s.children) || s.children[i] != c {
		return // its own Poll has canceled the set
	}
	last := len(s.children) - 1
	s.children[c.index] = s.children[last]
	s.children[c.index].index = c.index
	s.children[last] = nil
	s.children = s.children[:last]
}

// A next is the next result of a set.
type next[T any] struct {
	set  *Set[T] // once over: nil, or one that has the owner of the value only
	life life
}

func (n *next[T]) Poll(w *Waker) (r Result[T], ready bool, err error) {
	if n.life != live {
		return r, true, n.life.err()
	}
	set := n.set
	if p := set.pending; p != nil && p != n {
		waker := set.queue.waker.Load()
		p.Cancel()
		if waker != w {
			waker.Wake()
		}
	}
	n.life, set.pending = consumed, nil // in case a future panics
	r, src, ready, err := set.poll(w)
	if !ready || err == ErrBusy {
		n.life, set.pending = live, n
		return r, ready, err
	}
	n.set = nil
	if src != nil && r.Err == nil {
		n.keep(ifOwner(src))
	}
	return r, ready, err
}

// keep notes the owner of the value, if it has one. That is rare, and the room for
// it is not in every next.
func (n *next[T]) keep(owner Future[T]) {
	if owner != nil {
		n.set = &Set[T]{children: []*child[T]{{src: owner}}}
	}
}

func (n *next[T]) owner() func(Result[T]) {
	if n.life != consumed || n.set == nil {
		return nil
	}
	release := ownerOf(n.set.children[0].src)
	return func(r Result[T]) { release(r.Value) }
}

func (n *next[T]) String() string { return typeName("Set.Next", reflect.TypeFor[T]()) }

// Cancel leaves the set as it is.
func (n *next[T]) Cancel() {
	if n.life != live {
		return
	}
	if n.set.pending == n {
		n.set.queue.waker.Store(nil)
		n.set.pending = nil
	}
	n.set, n.life = nil, canceled
}
