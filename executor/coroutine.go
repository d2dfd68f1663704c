package executor

import (
	"context"
	"iter"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/current"
	"github.com/go-await/await/internal/gid"
)

// A coroutine is a stack that runs one body after another, each between calls of
// resume. It is an iter.Pull: a goroutine that never runs at the same time as the
// one that resumes it, and whose hand-over costs a fraction of a channel's.
//
//	parked ── resume ──▶ runs the body ── suspend ──▶ parked in the body
//	  ▲                     │    ▲                         │
//	  └──── body returns ───┘    └──────── resume ─────────┘
//
// Only the owner of the running state of the task that the body belongs to calls
// resume, and only the coroutine itself calls suspend. A coroutine is never
// stopped while its body is suspended: tasks unwind through their own code.
//
// A body that panics recovers by itself. A body that calls runtime.Goexit unwinds
// the coroutine's goroutine, and iter.Pull would pass the exit on to whoever
// resumed it, a worker. So the unwinding pauses in a deferred function, as spent,
// and goes on when end is called: with a panic, which iter.Pull passes on in place
// of the exit, and end recovers.
//
// A coroutine made by a goroutine that is locked to its thread is resumed and ended
// by that goroutine only, and one that was not, by none that is: the runtime insists.
// Run and Runnables may be on such a goroutine, workers are not.
type coroutine struct {
	resume func() (struct{}, bool) // returns when the body suspends or ends
	stop   func()
	yield  func(struct{}) bool
	id     gid.ID
	entry  current.Entry // of the coroutine's goroutine, for waits with other contexts
	at     anchor
	body   body
	idle   bool // the body has returned, or there was none
	spent  bool // the body has called Goexit
}

// A body is what a coroutine runs.
type body interface{ run() }

// newCoroutine returns a parked coroutine. It allocates a goroutine.
func newCoroutine() *coroutine {
	c := new(coroutine)
	c.resume, c.stop = iter.Pull(c.loop)
	c.resume() // up to the first park, so that id is known
	return c
}

// loop is the coroutine's goroutine.
func (c *coroutine) loop(yield func(struct{}) bool) {
	c.yield, c.id = yield, atomics.Goroutine()
	current.Set(&c.entry, c)
	defer current.Remove(&c.entry)
	for {
		c.idle = true
		if !yield(struct{}{}) {
			return
		}
		c.runBody()
	}
}

func (c *coroutine) runBody() {
	returned := false
	defer func() {
		if !returned {
			c.spent, c.body = true, nil
			c.yield(struct{}{}) // until end
			panic("executor: the task called Goexit")
		}
	}()
	c.idle = false
	c.body.run()
	c.body = nil
	returned = true
}

// isFree reports whether the body has ended. The caller has resumed it.
func (c *coroutine) isFree() bool { return c.idle || c.spent }

// Enter makes a coroutine the [future.Suspender] of the task that it runs, for waits
// that find it by their goroutine.
func (c *coroutine) Enter() (w *future.Waker, turn uint32) {
	if f, ok := c.body.(*fiber); ok {
		return f.Enter()
	}
	return nil, 0
}

// Suspend is part of [future.Suspender].
func (c *coroutine) Suspend(ctx context.Context, awaited any, turn uint32) uint32 {
	return c.body.(*fiber).Suspend(ctx, awaited, turn)
}

// suspend parks the coroutine from within its body.
func (c *coroutine) suspend() { c.yield(struct{}{}) }

// end ends a coroutine that is idle or spent.
func (c *coroutine) end() {
	defer func() {
		if c.spent {
			_ = recover() // of runBody's panic
		}
	}()
	c.stop()
}

// maxIdleCoroutines is how many idle coroutines a worker keeps. Each is a
// goroutine with its stack.
const maxIdleCoroutines = 64

// takeCoroutine returns an idle coroutine, or a new one.
func (w *worker) takeCoroutine() *coroutine {
	if n := len(w.coroutines); n > 0 {
		c := w.coroutines[n-1]
		w.coroutines[n-1] = nil
		w.coroutines = w.coroutines[:n-1]
		return c
	}
	return newCoroutine()
}

// putCoroutine takes back a coroutine whose body has ended.
func (w *worker) putCoroutine(c *coroutine) {
	if c.spent || len(w.coroutines) == maxIdleCoroutines {
		c.at.weigh()
		c.end()
		return
	}
	w.coroutines = append(w.coroutines, c)
}

// endCoroutines ends the idle coroutines.
func (w *worker) endCoroutines() {
	for _, c := range w.coroutines {
		c.at.weigh()
		c.end()
	}
	w.coroutines = nil
}
