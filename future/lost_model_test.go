//go:build interleave

package future

import (
	"context"
	"testing"
	"time"
	"unsafe"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/interleave"
)

// A keeper is a leaf that keeps a value which came before Cancel, and drops one that
// comes after it, as a goroutine does.
type keeper struct {
	goroutine[int]
}

// send reports whether the value was accepted.
func (k *keeper) send(v int) bool {
	atomics.Write(unsafe.Pointer(&k.value))
	k.value = v
	return k.done.ring()
}

// nested is k in each of the combinators of one source.
func nested(k Future[int]) Future[int] {
	f := Map(k, func(n int) (int, error) { return n + 1, nil })
	f = Finally(Catch(f, func(err error) (int, error) { return 0, err }), func() {})
	f = OrElse(f, Failed[int])
	return Then(f, func(n int) Future[int] { return Ready(n + 1) })
}

// A value that was accepted comes out of what gives up at that moment, and one that
// was refused does not.
func TestModelAcceptedIsNotLost(t *testing.T) {
	for name, await := range map[string]func(m *interleave.Model, f Future[int]) (int, error){
		"Timeout": func(_ *interleave.Model, f Future[int]) (int, error) {
			return Await(context.Background(), Timeout(f, time.Hour))
		},
		"WithContext": func(m *interleave.Model, f Future[int]) (int, error) {
			ctx := interleave.NewContext()
			m.Go("end", ctx.Cancel)
			return Await(context.Background(), WithContext(ctx, f))
		},
		"Await": func(m *interleave.Model, f Future[int]) (int, error) {
			ctx := interleave.NewContext()
			m.Go("end", ctx.Cancel)
			return Await(ctx, f)
		},
		"Cancel": func(_ *interleave.Model, f Future[int]) (int, error) {
			v, ready, err := f.Poll(NewWaker(func() {}))
			if !ready {
				Cancel(f)
				v, _, err = f.Poll(nil)
			}
			return v, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			interleave.Check(t, func(m *interleave.Model) {
				k := new(keeper)
				accepted := false
				m.Go("send", func() { accepted = k.send(5) })
				v, err := await(m, nested(k))
				m.Wait()
				if accepted != (err == nil) || accepted && v != 7 {
					m.Fatalf("accepted %v, got (%d, %v)", accepted, v, err)
				}
			}, interleave.Preemptions(2))
		})
	}
}

// A releasing counts what becomes of one value.
type releasing struct {
	m        *interleave.Model
	released atomics.Uint32
}

func (r *releasing) release(v int) {
	if v != 5 {
		r.m.Fatalf("released %d", v)
	}
	r.released.Add(1)
}

func (r *releasing) check(taken bool) {
	n := r.released.Load()
	if taken && n != 0 || !taken && n != 1 {
		r.m.Fatalf("taken %v, and released %d times", taken, n)
	}
}

// A goroutine that returns while its future is canceled: its value is released once,
// by the one or by the other, or taken.
func TestModelOwnedGo(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		r := &releasing{m: m}
		g := new(goroutine[int])
		began := false
		m.Go("run", func() { g.run(func() (int, error) { began = true; return 5, nil }) })
		f := Owned(Timeout[int](g, time.Hour), r.release)
		_, taken, err := f.Poll(NewWaker(func() {}))
		if taken && err == ErrTimeout {
			taken = false
		}
		Cancel(f)
		m.Wait()
		if began {
			r.check(taken)
		}
	})
}

// The winner of a race is taken and the loser released, whenever it comes.
func TestModelOwnedRace(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		r := &releasing{m: m}
		a, b := new(goroutine[int]), new(goroutine[int])
		calls := new(atomics.Uint32)
		run := func(g *goroutine[int]) func() {
			return func() { g.run(func() (int, error) { calls.Add(1); return 5, nil }) }
		}
		m.Go("a", run(a))
		m.Go("b", run(b))
		f := Owned(Race[int](a, b), r.release)
		if _, err := Await(context.Background(), f); err != nil {
			m.Fatalf("got %v", err)
		}
		m.Wait()
		if n := calls.Load(); r.released.Load() != n-1 {
			m.Fatalf("%d values, one taken and %d released", n, r.released.Load())
		}
	}, interleave.Preemptions(2))
}

// Two clones of a Share give up while the value comes: it is released once, unless one
// of them has taken it.
func TestModelOwnedShare(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		r := &releasing{m: m}
		g := new(goroutine[int])
		began := false
		m.Go("run", func() { g.run(func() (int, error) { began = true; return 5, nil }) })
		a := Share(Owned[int](g, r.release))
		b := a.Clone()
		took := new(atomics.Uint32)
		leave := func(c *Shared[int]) {
			if _, ready, err := c.Poll(NewWaker(func() {})); ready && err == nil {
				took.Add(1)
			}
			c.Cancel()
		}
		m.Go("b", func() { leave(b) })
		leave(a)
		m.Wait()
		if began {
			r.check(took.Load() > 0)
		}
	}, interleave.Preemptions(2))
}

// A value that FromChan's goroutine takes during Cancel is dropped to its owner.
func TestModelOwnedFromChan(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		r := &releasing{m: m}
		c := make(chan int, 1)
		c <- 5
		f := &fromChan[int]{c: c, stop: make(chan struct{})} // its goroutine is begun
		m.Go("receive", func() { f.receive(c, make(chan struct{})) })
		o := Owned[int](f, r.release)
		_, taken, _ := o.Poll(NewWaker(func() {}))
		Cancel(o)
		m.Wait()
		r.check(taken)
	})
}
