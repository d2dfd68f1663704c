package future

import (
	"context"
	"runtime"

	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/current"
	"github.com/go-await/await/internal/park"
	"github.com/go-await/await/internal/safe"
)

// Await returns the result of f as soon as there is one.
//
// Called by a task's own goroutine it suspends the task, whatever ctx it is given:
// no goroutine of the executor is held up, and ctx only says when to give up.
// Called by any other goroutine it blocks that goroutine, also when ctx came from a
// task. A goroutine that a task has started, an iterator that iter.Pull runs for it
// and a Poll of a spawned future are not the task's own goroutine.
//
// When ctx ends first, f is canceled and the error is context.Cause(ctx). A result
// that is already there wins over a context that has ended, and so does one that
// comes before the cancellation took effect, if f keeps it through Cancel. Receivers
// and handles do, and combinators of one source pass it on. Results that the sources
// of a combinator of many have come to since it last polled them are given up with
// it; see [Owned] for values that must be released. There is one exception: a task
// that has let others run because its futures were always ready gets the cause
// although a result is there, so that a canceled task ends; f is canceled then, and
// keeps the result.
//
// Await does not return before f is either finished or canceled, so a future is
// awaited once. If another consumer waits for f the error is [ErrBusy], and f is
// left to that consumer.
//
// If f panics in Poll, or calls Goexit, f is canceled and the panic or the exit goes
// on in the caller. A nil f gives [ErrNil]. Await panics if ctx is nil.
//
// Await of a ready future allocates nothing. A goroutine that has to block
// allocates its wake-up object, and with a ctx that can end a channel; it
// registers nothing with ctx. A task allocates nothing as long as it awaits with
// its own context; the first wait with another one that can end registers a
// callback. A blocking Await first polls with a nil waker, and then with its own.
func Await[T any](ctx context.Context, f Future[T]) (T, error) {
	if ctx == nil {
		panic("future: Await with a nil context")
	}
	if f == nil {
		var zero T
		return zero, ErrNil
	}
	var w *Waker
	var s suspension
	var turn uint32
	if task := SuspenderOf(ctx); task != nil {
		s = task
		w, turn = task.Enter()
	}
	finished := false
	defer func() {
		if !finished {
			Cancel(f) // rule 5
		}
	}()
	if turn == Yielded && ctx.Err() != nil {
		Cancel(f)
		finished = true
		var zero T
		return zero, context.Cause(ctx)
	}
	// One loop, in this frame, for tasks and goroutines: what a task has on its
	// stack where it suspends is returned through after each switch.
	for {
		v, ready, err := f.Poll(w)
		switch {
		case ready:
			finished = true
			return v, err
		case w == nil:
			// With this ctx nothing says so, but it may be a task all the same.
			if task, ok := current.Get().(Suspender); ok {
				if w, turn = task.Enter(); w != nil {
					s = task
					continue
				}
			}
			w, s = newBlocker(ctx)
			continue
		case ctx.Err() != nil:
			v, err := giveUp(f, context.Cause(ctx))
			finished = true
			return v, err
		}
		turn = s.Suspend(ctx, f, turn)
	}
}

// A suspension is the part of a Suspender that the loop of Await needs.
type suspension interface {
	Suspend(ctx context.Context, awaited any, turn uint32) uint32
}

// giveUp cancels f and returns cause. A result that arrived between the last Poll
// and the cancellation is still there, and is not lost.
func giveUp[T any](f Future[T], cause error) (T, error) {
	Cancel(f)
	v, ready, err := f.Poll(nil)
	if !ready || safe.Is(err, ErrCanceled) {
		var zero T
		return zero, cause
	}
	return v, err
}

// newBlocker returns what blocks the calling goroutine, and its waker.
func newBlocker(ctx context.Context) (*Waker, suspension) {
	if ctx.Done() == nil {
		b := new(blocker)
		b.waker.Init(b)
		return &b.waker, b
	}
	s := &selector{woken: atomics.NewEvent()}
	s.waker.Init(s)
	return &s.waker, s
}

// A blocker blocks the goroutine that awaits until its waker is woken.
type blocker struct {
	waker Waker
	park.Parker
	consumption
	crowd
}

// Suspend blocks. What is awaited within a Poll has a blocker of its own, so it is
// always the same turn.
func (b *blocker) Suspend(_ context.Context, awaited any, _ uint32) uint32 {
	b.wait(awaited)
	b.Park()
	b.resume()
	b.letPass()
	return 0
}

// A selector is a blocker that the end of a context ends too. It registers
// nothing with the context, which would cost more than all the rest.
type selector struct {
	waker    Waker
	notified atomics.Uint32 // 1 from a wake until the next Poll
	woken    atomics.Event  // made for one Await: a synctest bubble may not share it
	consumption
	crowd
}

// OnWake lets Suspend return.
func (s *selector) OnWake() {
	// → 1: publishes what the caller did to the Poll after the swap to 0, also
	// if the event was set before.
	if s.notified.Swap(1) == 0 {
		s.woken.Set()
	}
}

// Suspend blocks. If it returns because of the context the event may stay set,
// and one Poll more may come of it.
func (s *selector) Suspend(ctx context.Context, awaited any, _ uint32) uint32 {
	s.wait(awaited)
	s.woken.Wait(ctx)
	s.resume()
	s.notified.Swap(0) // → 0: what comes from now on is for another Poll
	s.letPass()
	return 0
}

// A crowd is those that are about to wake a goroutine.
//
// A future that was woken and is not ready waits for several things. They often
// come together, from goroutines that are ready to run while the first of them
// has just made this one run. So from the second wake on letPass lets the others
// run first: what they have is then found by one Poll.
type crowd struct{ again bool }

func (c *crowd) letPass() {
	if c.again {
		runtime.Gosched()
	}
	c.again = true
}
