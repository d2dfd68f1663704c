package core

import (
	"context"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/atomics"
	"github.com/go-await/await/internal/current"
)

// A word is a channel's state.
type word = atomics.Pointer[future.Waker]

// A waiter blocks the goroutine of a receive on a condition without a mutex.
//
// Cond.Wait takes its ticket before it calls Unlock, which is when the waiter
// enlists. What takes it out of the state signals it, once, and if enlisting
// fails Unlock does. So a signal always finds the ticket, and none is on its way
// to a waiter that has returned: it may be used again. A Cond, unlike a channel
// or a WaitGroup, belongs to no synctest bubble, and waiting in it is durably
// blocking.
type waiter struct {
	waker future.Waker
	cond  atomics.Cond

	// These belong to the goroutine that is blocked.
	state    *word
	before   *future.Waker // what the waiter replaces: nil or an earlier Poll's
	limit    time.Duration // unless 0: how long to wait
	enlisted bool
	disarm   func() bool // stops the timer of the limit
}

// waiters keeps those that are not in use.
var waiters = atomics.Pool{New: func() any {
	w := new(waiter)
	w.waker.Init(w)
	w.cond.L = w
	return w
}}

// OnWake ends the wait.
func (w *waiter) OnWake() { w.cond.Signal() }

// Unlock enlists.
func (w *waiter) Unlock() {
	// before → w: from here on it is woken by what takes it out (rule 3).
	w.enlisted = w.state.CompareAndSwap(w.before, &w.waker)
	switch {
	case !w.enlisted:
		w.cond.Signal()
	case w.limit != 0:
		state, before := w.state, w.before
		w.disarm = atomics.AfterFunc(w.limit, func() {
			// The timer may be late, and w in another use: then w is not in
			// this state word, nor ever again.
			if unwait(state, &w.waker, before) {
				w.OnWake()
			}
		})
	}
}

// Lock does nothing: there is no lock to take again.
func (w *waiter) Lock() {}

// unwait puts back in the state word what w replaced, and reports whether w was
// still there: if so, nothing else wakes it.
func unwait(state *word, w, before *future.Waker) bool {
	return state.CompareAndSwap(w, before) // w → before
}

// block waits, while the state is s, for a final state, which it returns. It returns
// ErrTimeout after limit, unless that is 0, and ErrBusy if another receive took its
// place. It parks a goroutine at most once, and suspends a task that calls it. self
// is what the task waits for.
func block(state *word, s *future.Waker, limit time.Duration, self any) (*future.Waker, error) {
	if isAwaited(s, self, nil) {
		return s, ErrBusy
	}
	if task, ok := current.Get().(future.Suspender); ok {
		if w, turn := task.Enter(); w != nil {
			return suspend(context.Background(), state, s, limit, self, task, w, turn)
		}
	}
	w := waiters.Get().(*waiter)
	w.state, w.before, w.limit = state, s, limit
	w.cond.Wait()
	if w.disarm != nil {
		w.disarm()
		w.disarm = nil
	}
	w.state, w.before = nil, nil // the pool keeps nothing alive
	enlisted := w.enlisted
	waiters.Put(w)
	return blocked(state, s, enlisted)
}

// A selector is a waiter that waits for the end of a context as well.
type selector struct {
	waker future.Waker
	woken atomics.Event // made for one receive: a synctest bubble may not share it
}

// OnWake ends the wait.
func (w *selector) OnWake() { w.woken.Set() }

// blockContext is block until ctx has ended.
func blockContext(ctx context.Context, state *word, s *future.Waker, self any) (*future.Waker, error) {
	if isAwaited(s, self, nil) {
		return s, ErrBusy
	}
	task := future.SuspenderOf(ctx)
	if task == nil {
		task, _ = current.Get().(future.Suspender)
	}
	if task != nil {
		if w, turn := task.Enter(); w != nil {
			return suspend(ctx, state, s, 0, self, task, w, turn)
		}
	}
	w := &selector{woken: atomics.NewEvent()}
	w.waker.Init(w)
	// s → w: from here on it is woken by what takes it out (rule 3).
	enlisted := state.CompareAndSwap(s, &w.waker)
	if enlisted {
		w.woken.Wait(ctx)
		unwait(state, &w.waker, s)
	}
	return blocked(state, s, enlisted)
}

// blocked is the result of block, in which before was replaced by a waiter if
// that was enlisted.
func blocked(state *word, before *future.Waker, enlisted bool) (*future.Waker, error) {
	s := state.Load()
	switch {
	case !enlisted && !isFinal(s):
		return s, ErrBusy // another receive came at this moment
	case !isFinal(s):
		return s, ErrTimeout
	case enlisted:
		before.Wake() // it was not there when the state changed
	}
	return s, nil
}

// isAwaited reports whether s is the waker of another consumer that waits for self.
func isAwaited(s *future.Waker, self any, newcomer *future.Waker) bool {
	if s == nil {
		return false
	}
	waits, _ := s.WaitsFor(self, newcomer)
	return waits || isBlocked(s)
}

// replaced is called once w is there in place of the waker s of self. A target of s that
// waits for self all the same, or may be about to, looks again.
func replaced(s *future.Waker, self any, w *future.Waker) {
	if waits, polls := s.WaitsFor(self, w); waits || polls {
		s.Wake()
	}
}

// isBlocked reports whether s is the waker of a goroutine that is blocked in a
// receive. It is inlined as isFinal is.
func isBlocked[W *future.Waker](s W) bool {
	switch (*future.Waker)(s).Target().(type) {
	case *waiter, *selector:
		return true
	}
	return false
}
