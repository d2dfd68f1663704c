//go:build interleave

package future

import (
	"context"
	"errors"
	"testing"
	"time"
	"unsafe"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/interleave"
)

// A source is a leaf of a model: one goroutine sends, another polls.
type source struct {
	bell    bell
	value   int
	cancels int
	life    life
}

func (s *source) send(v int) {
	atomics.Write(unsafe.Pointer(&s.value))
	s.value = v
	s.bell.ring()
}

func (s *source) Poll(w *Waker) (v int, ready bool, err error) {
	// A Poll is one goroutine's from its beginning to its end.
	atomics.Write(unsafe.Pointer(&s.life))
	defer atomics.Write(unsafe.Pointer(&s.life))
	if s.life != live {
		return 0, true, s.life.err()
	}
	if rang, err := s.bell.poll(s, w); !rang || err != nil {
		return 0, rang, err
	}
	s.life = consumed
	atomics.Read(unsafe.Pointer(&s.value))
	return s.value, true, nil
}

func (s *source) Cancel() {
	s.cancels++
	if s.life == live {
		s.life = canceled
		s.bell.mute()
	}
}

// A settling source is a Settler.
type settling struct{ source }

func (s *settling) Settles() any        { return s }
func (s *settling) Holds(w *Waker) bool { return s.bell.holds(w) }

func (s *settling) settle(v int, failed bool) {
	atomics.Write(unsafe.Pointer(&s.value))
	s.value = v
	s.bell.settle(failed)
}

func (s *settling) Poll(w *Waker) (v int, ready bool, err error) {
	v, ready, err = s.source.Poll(w)
	if v < 0 {
		err = ErrNil
	}
	return v, ready, err
}

func TestModelSettlers(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		a, b := new(settling), new(settling)
		m.Go("a", func() { a.settle(1, false) })
		m.Go("b", func() { b.settle(2, false) })
		vs, err := Await(context.Background(), All[int](a, b))
		if err != nil || vs[0] != 1 || vs[1] != 2 {
			m.Fatalf("got %v, %v", vs, err)
		}
	})
}

func TestModelSettlersAndAnother(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		a, b, c := new(settling), new(settling), new(source)
		m.Go("settle", func() { a.settle(1, false); b.settle(2, false) })
		m.Go("send", func() { c.send(3) })
		vs, err := Await(context.Background(), All[int](a, c, b))
		if err != nil || vs[0] != 1 || vs[1] != 3 || vs[2] != 2 {
			m.Fatalf("got %v, %v", vs, err)
		}
	})
}

// An error is seen though another settler never settles.
func TestModelSettlerFails(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		a, b, never := new(settling), new(settling), new(settling)
		m.Go("a", func() { a.settle(1, false) })
		m.Go("b", func() { b.settle(-1, true) })
		if _, err := Await(context.Background(), All[int](a, b, never)); err != ErrNil || never.cancels != 1 {
			m.Fatalf("got %v, cancelled %d times", err, never.cancels)
		}
	})
}

// A wake that is no settling makes a pass due, too.
func TestModelSettlerWakes(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		a, b := new(settling), new(settling)
		m.Go("a", func() { a.settle(1, false) })
		m.Go("b", func() { b.send(2) })
		vs, err := Await(context.Background(), All[int](a, b))
		if err != nil || vs[0] != 1 || vs[1] != 2 {
			m.Fatalf("got %v, %v", vs, err)
		}
	})
}

func TestModelBell(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		m.Go("send", func() { s.send(7) })
		if _, ready, _ := s.Poll(NewWaker(func() {})); ready { // with an old waker
			return
		}
		if v, err := Await[int](context.Background(), s); v != 7 || err != nil {
			m.Fatalf("got %d, %v", v, err)
		}
	})
}

func TestModelBellMuted(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		m.Go("send", func() { s.send(7) })
		if _, ready, _ := s.Poll(NewWaker(func() {})); ready {
			return
		}
		s.Cancel()
		m.Wait()
		if _, ready, err := s.Poll(nil); !ready || err != ErrCanceled {
			m.Fatalf("got %v", err)
		}
	})
}

func TestModelAll(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		a, b := new(source), new(source)
		m.Go("a", func() { a.send(1) })
		m.Go("b", func() { b.send(2) })
		vs, err := Await(context.Background(), All[int](a, b))
		if err != nil || vs[0] != 1 || vs[1] != 2 {
			m.Fatalf("got %v, %v", vs, err)
		}
	})
}

// Wakers change between Polls, and one of them is nil.
func TestModelAllChangesWakers(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		a, b := new(source), new(source)
		m.Go("a", func() { a.send(1) })
		m.Go("b", func() { b.send(2) })
		all := All[int](a, b)
		_, ready, _ := all.Poll(NewWaker(func() {}))
		if !ready {
			if vs, err := Await(context.Background(), all); err != nil || vs[0] != 1 || vs[1] != 2 {
				m.Fatalf("got %v, %v", vs, err)
			}
		}
	})
}

// The loser may send while it is cancelled and after that.
func TestModelRace(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		a, b := new(source), new(source)
		m.Go("a", func() { a.send(1) })
		m.Go("b", func() { b.send(2) })
		v, err := Await(context.Background(), Race[int](a, b))
		if err != nil || a.cancels+b.cancels != 1 || v == 1 && b.cancels != 1 {
			m.Fatalf("got %d, %v; cancelled %d and %d times", v, err, a.cancels, b.cancels)
		}
	})
}

func TestModelSet(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var set Set[int]
		a, b := new(source), new(source)
		set.Add(a)
		set.Add(b)
		m.Go("a", func() { a.send(1) })
		m.Go("b", func() { b.send(2) })
		sum := 0
		for set.Len() > 0 {
			r, err := Await(context.Background(), set.Next())
			if err != nil || r.Err != nil {
				m.Fatalf("got %v, %v", r, err)
			}
			sum += r.Value
		}
		if sum != 3 {
			m.Fatalf("sum %d", sum)
		}
	})
}

// A future is added while the wakes of another one are under way.
func TestModelSetAdd(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var set Set[int]
		a, b := new(source), new(source)
		set.Add(a)
		m.Go("a", func() { a.send(1) })
		set.Next().Poll(nil)
		set.Add(b)
		m.Go("b", func() { b.send(2) })
		n := set.Len()
		for ; set.Len() > 0; n-- {
			if _, err := Await(context.Background(), set.Next()); err != nil {
				m.Fatalf("got %v", err)
			}
		}
	})
}

// Two goroutines wake the same child at once, and another one a second child.
func TestModelWakesCoalesce(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var q queue[int]
		var cs [2]child[int]
		var sent [2]atomics.Uint32
		for i := range cs {
			cs[i].init(&q, Never[int](), i)
		}
		m.Go("wake 0", cs[0].OnWake)
		m.Go("send 0", func() { sent[0].Store(1); cs[0].OnWake() })
		m.Go("send 1", func() { sent[1].Store(1); cs[1].OnWake() })
		consume(&q, q.begin, func(c *child[int]) bool { return sent[c.index].Load() == 1 })
	}, interleave.Preemptions(3))
}

// consume takes children out of q until both have done what done asks for, and
// parks when there is none.
func consume(q *queue[int], begin func(*Waker) (busy bool), done func(*child[int]) bool) {
	b := new(blocker)
	b.waker.Init(b)
	for seen := uint32(0); seen != 3; {
		begin(&b.waker)
		took := false
		for c := q.take(); c != nil; c = q.take() {
			took = true
			if done(c) {
				seen |= 1 << c.index
			}
		}
		if !took {
			b.Park()
		}
	}
}

// Each of these queues has one thing wrong, and each is found: a model that
// never fails proves nothing.
func TestModelFindsPlantedBugs(t *testing.T) {
	pushWith := func(q *queue[int], c *child[int], wake func(head *child[int])) {
		if c.woken.Swap(1) != 0 {
			return
		}
		for {
			head := q.stack.Load()
			c.next = head
			if q.stack.CompareAndSwap(head, c) {
				wake(head)
				return
			}
		}
	}
	tests := []struct {
		name  string
		begin func(q *queue[int], w *Waker)
		wake  func(q *queue[int], c *child[int])
		kind  interleave.Kind
	}{
		{"the waker is stored after the stack was emptied", func(q *queue[int], w *Waker) {
			q.begin(q.waker.Load())
			q.waker.Store(w)
		}, nil, interleave.Deadlock},
		{"the waker is read before the push", nil, func(q *queue[int], c *child[int]) {
			w := q.waker.Load()
			pushWith(q, c, func(head *child[int]) {
				if head == nil {
					w.Wake()
				}
			})
		}, interleave.Deadlock},
		{"only a push on a stack that is not empty wakes", nil, func(q *queue[int], c *child[int]) {
			pushWith(q, c, func(head *child[int]) {
				if head != nil {
					q.waker.Load().Wake()
				}
			})
		}, interleave.Deadlock},
		{"the stack is overwritten", nil, func(q *queue[int], c *child[int]) {
			if c.woken.Swap(1) == 0 {
				c.next = q.stack.Load()
				q.stack.Store(c)
				q.waker.Load().Wake()
			}
		}, interleave.Deadlock},
		{"the link is set after the push", nil, func(q *queue[int], c *child[int]) {
			if c.woken.Swap(1) == 0 {
				head := q.stack.Swap(c)
				atomics.Write(unsafe.Pointer(&c.next))
				c.next = head
				q.waker.Load().Wake()
			}
		}, interleave.Race},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, failure := interleave.Explore(func(m *interleave.Model) {
				var q queue[int]
				var cs [2]child[int]
				for i := range cs {
					cs[i].init(&q, Never[int](), i)
					wake := cs[i].OnWake
					if test.wake != nil {
						wake = func() { test.wake(&q, &cs[i]) }
					}
					m.Go("wake", wake)
				}
				begin := q.begin
				if test.begin != nil {
					begin = func(w *Waker) bool { test.begin(&q, w); return false }
				}
				consume(&q, begin, func(*child[int]) bool { return true })
			})
			if failure == nil || failure.Kind != test.kind {
				t.Errorf("got %v, want a %v", failure, test.kind)
			}
		})
	}
}

// Two consumers, one result.
func TestModelShare(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		a := Share[int](s)
		b := a.Clone()
		m.Go("send", func() { s.send(7) })
		m.Go("b", func() {
			if v, err := Await[int](context.Background(), b); v != 7 || err != nil {
				m.Fatalf("b got %d, %v", v, err)
			}
		})
		if v, err := Await[int](context.Background(), a); v != 7 || err != nil {
			m.Fatalf("a got %d, %v", v, err)
		}
	})
}

// The one who polled gives up: the other one has the result all the same, and
// nothing is cancelled.
func TestModelSharePollerLeaves(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		a := Share[int](s)
		b := a.Clone()
		a.Poll(NewWaker(func() {}))
		m.Go("send", func() { s.send(7) })
		m.Go("a", a.Cancel)
		if v, err := Await[int](context.Background(), b); v != 7 || err != nil {
			m.Fatalf("b got %d, %v", v, err)
		}
		m.Wait()
		if s.cancels != 0 {
			m.Fatalf("cancelled")
		}
	})
}

// The one who polls tries, with no waker, and never comes again.
func TestModelSharePollerForgets(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		a := Share[int](s)
		b := a.Clone()
		m.Go("send", func() { s.send(7) })
		m.Go("a", func() { a.Poll(nil) })
		if v, err := Await[int](context.Background(), b); v != 7 || err != nil {
			m.Fatalf("b got %d, %v", v, err)
		}
	})
}

// A result that takes two wakes.
func TestModelShareTwoWakes(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s1, s2 := new(source), new(source)
		a := Share(Then[int](s1, func(int) Future[int] { return s2 }))
		b := a.Clone()
		m.Go("send", func() {
			s1.send(1)
			s2.send(2)
		})
		m.Go("a", func() { a.Poll(NewWaker(func() {})) })
		if v, err := Await[int](context.Background(), b); v != 2 || err != nil {
			m.Fatalf("b got %d, %v", v, err)
		}
	})
}

// All give up while the result comes: the source is cancelled once, or has given
// its result.
func TestModelShareAllLeave(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		a := Share[int](s)
		b := a.Clone()
		m.Go("send", func() { s.send(7) })
		leave := func(c *Shared[int]) func() {
			return func() {
				c.Poll(NewWaker(func() {}))
				c.Cancel()
				if _, ready, err := c.Poll(nil); !ready || !errors.Is(err, ErrCanceled) && !errors.Is(err, ErrConsumed) {
					m.Fatalf("got %v", err)
				}
			}
		}
		m.Go("a", leave(a))
		m.Go("b", leave(b))
		m.Wait()
		h := a.hub
		if s.cancels > 1 || s.cancels == 0 && h.done.Load() == 0 || h.src != nil || len(h.waiting) > 0 {
			m.Fatalf("cancelled %d times, %d still wait", s.cancels, len(h.waiting))
		}
	})
}

// A clone is made while the last other one is given up.
func TestModelShareClone(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		a := Share[int](s)
		m.Go("a", a.Cancel)
		b := a.Clone()
		m.Wait()
		_, ready, err := b.Poll(nil)
		if ready != (err == ErrCanceled) || ready != (s.cancels == 1) {
			m.Fatalf("ready %v with %v, cancelled %d times", ready, err, s.cancels)
		}
	})
}

func TestModelTimeout(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		m.Go("send", func() { s.send(7) })
		v, err := Await(context.Background(), Timeout[int](s, time.Hour))
		if err == nil && (v != 7 || s.cancels != 0) || err != nil && (err != ErrTimeout || s.cancels != 1) {
			m.Fatalf("got %d, %v; cancelled %d times", v, err, s.cancels)
		}
	})
}

func TestModelWithContext(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		ctx := interleave.NewContext()
		m.Go("send", func() { s.send(7) })
		m.Go("end", ctx.Cancel)
		v, err := Await(context.Background(), WithContext[int](ctx, s))
		if err == nil && v != 7 || err != nil && (err != context.Canceled || s.cancels != 1) {
			m.Fatalf("got %d, %v; cancelled %d times", v, err, s.cancels)
		}
	})
}

func TestModelAwaitContext(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		s := new(source)
		ctx := interleave.NewContext()
		m.Go("send", func() { s.send(7) })
		m.Go("end", ctx.Cancel)
		v, err := Await[int](ctx, s)
		if err == nil && v != 7 || err != nil && (err != context.Canceled || s.cancels != 1) {
			m.Fatalf("got %d, %v; cancelled %d times", v, err, s.cancels)
		}
	})
}
