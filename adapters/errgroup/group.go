package errgroup

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/current"
	"github.com/go-await/await/oneshot"
)

// A Group is a collection of goroutines and tasks that work on parts of the same
// job. The zero Group is valid, has no limit and does not cancel anything on an
// error. A Group must not be copied after its first use.
type Group struct {
	scope  *scope       // of WithContext; nil without one
	active atomic.Int64 // functions and tasks that have not ended
	err    atomic.Pointer[error]
	places *places // of SetLimit; nil without a limit

	mu      sync.Mutex
	waiters []*oneshot.Sender[struct{}] // of WaitFuture, until active is 0
	ends    uint64                      // how often active was 0
	ended   sync.Cond                   // that ends has changed
}

// A scope is what a group has besides with a context. It is apart because most
// groups are made for a few functions, and what such a group costs is its size.
type scope struct {
	parent context.Context // what WithContext was given
	ctx    context.Context // and what it returned
	cancel func(error)     // ends ctx
}

// WithContext returns a new group and a context derived from ctx, which ends
// when the first function of the group fails, with its error as the cause, or
// when a Wait has come to its end, whichever is first. After a Wait without a
// failure the cause is context.Canceled: that is no failure.
//
// It panics if ctx is nil.
func WithContext(ctx context.Context) (*Group, context.Context) {
	if ctx == nil {
		panic("errgroup: WithContext: ctx is nil")
	}
	s := &scope{parent: ctx}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	return &Group{scope: s}, s.ctx
}

// Go calls f in a new goroutine. At the limit it waits for a place: called by a
// task's own goroutine it suspends the task, whatever context the group was made
// with, and otherwise it blocks the goroutine. A task of the group, see [GoTask], lends f its
// own place, and is suspended until it has another: nested calls of tasks do not
// deadlock, and neither do tasks that await what they have added. Of goroutines
// they do, as upstream, when all that have a place wait.
//
// The first f to return an error makes it the group's: it ends the context of
// [WithContext], and Wait returns it. The functions that come after it are
// called all the same.
//
// A panic of f ends the program, as it would in any goroutine. If f calls
// runtime.Goexit it has ended without an error. Go panics if f is nil.
func (g *Group) Go(f func() error) {
	checkGroup("Go", g)
	if f == nil {
		panic("errgroup: Group.Go: f is nil")
	}
	lent := g.enter()
	go g.call(f)
	lent.regain()
}

// TryGo is Go if there is a place, and otherwise does nothing. It reports
// whether f is called. It does not block.
func (g *Group) TryGo(f func() error) bool {
	checkGroup("TryGo", g)
	if f == nil {
		panic("errgroup: Group.TryGo: f is nil")
	}
	if !g.tryEnter() {
		return false
	}
	go g.call(f)
	return true
}

func (g *Group) call(f func() error) {
	defer g.leave()
	if err := f(); err != nil {
		g.fail(err)
	}
}

// Wait waits until all functions and tasks of the group have ended, ends the
// context of [WithContext], and returns the first error there was, or nil. Called
// by a task's own goroutine it suspends the task, whatever context the group was
// made with, and otherwise it blocks the goroutine. A function or task of the group
// that calls it waits for itself without end, as upstream.
func (g *Group) Wait() error {
	checkGroup("Wait", g)
	if g.active.Load() == 0 {
		return g.finish()
	}
	if ctx := g.waitContext(); inTask(ctx) {
		_, err := future.Await(context.WithoutCancel(ctx), g.WaitFuture())
		return err
	}
	g.block()
	return g.finish()
}

// checkGroup panics if g, of which method is called, is nil.
func checkGroup(method string, g *Group) {
	if g == nil {
		panic("errgroup: Group." + method + ": the group is nil")
	}
}

// inTask reports whether a wait with ctx may be one of a task's own goroutine, which
// is to be suspended. Await finds out whether it is.
func inTask(ctx context.Context) bool {
	return current.Get() != nil || future.SuspenderOf(ctx) != nil
}

// block is what Await does outside tasks, for less: it waits for active to be 0.
func (g *Group) block() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.active.Load() == 0 {
		return
	}
	// The last to leave makes active 0 before it locks mu: it finds us.
	g.ended.L = &g.mu
	for before := g.ends; g.ends == before; {
		g.ended.Wait()
	}
}

// WaitFuture is Wait as a future: it is ready once all functions and tasks of
// the group have ended, with the error that Wait would return. It is ready at
// once if there are none when it is called. There may be any number of them, and
// no goroutine waits for any. Each allocates, like a receiver, and the group keeps
// it until it is ready or cancelled; it belongs to one goroutine at a time.
func (g *Group) WaitFuture() future.Future[struct{}] {
	checkGroup("WaitFuture", g)
	if rx := g.receiver(); rx != nil {
		return rx
	}
	return future.Failed[struct{}](g.finish())
}

// receiver returns what gets the result of the group, or nil if nothing is active.
func (g *Group) receiver() *oneshot.Receiver[struct{}] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.active.Load() == 0 {
		return nil
	}
	// The last to leave makes active 0 before it locks mu: it finds tx.
	tx, rx := oneshot.New[struct{}]()
	if len(g.waiters) == cap(g.waiters) { // before it grows: there may be room
		g.waiters = slices.DeleteFunc(g.waiters, (*oneshot.Sender[struct{}]).IsClosed)
	}
	g.waiters = append(g.waiters, tx)
	return rx
}

// SetLimit limits the functions and tasks of the group that are active at once
// to n. With 0 nothing can be added. A negative n lifts the limit, also for those
// that wait for a place. Any other n is to be set while nothing is active: SetLimit
// panics otherwise.
func (g *Group) SetLimit(n int) {
	checkGroup("SetLimit", g)
	if n < 0 {
		if g.places != nil {
			g.places.lift()
		}
		return
	}
	active := int(g.active.Load())
	if g.places != nil {
		active = max(active, g.places.count())
	}
	if active != 0 {
		panic(fmt.Errorf("errgroup: modify limit while %v goroutines in the group are still active", active))
	}
	g.places = &places{limit: n}
}

// enter makes the caller's function active, once there is a place for it, which may
// be lent: the caller is to regain one when the function can run.
func (g *Group) enter() (lent loan) {
	if g.places != nil {
		lent = g.places.take(g.waitContext())
	}
	g.active.Add(1)
	return lent
}

// tryEnter is enter if there is a place now.
func (g *Group) tryEnter() bool {
	if g.places != nil && !g.places.tryTake() {
		return false
	}
	g.active.Add(1)
	return true
}

// leave is called once by each that entered, after its failure was noted and its
// result sent.
func (g *Group) leave() {
	if g.places == nil {
		g.deactivate()
		return
	}
	defer g.deactivate() // also if a waker of what gets the place panics
	g.places.giveBack()
}

// deactivate makes one function or task active no more, and ends the waits if it was the
// last.
func (g *Group) deactivate() {
	if g.active.Add(-1) > 0 {
		return
	}
	g.mu.Lock()
	if g.active.Load() != 0 {
		g.mu.Unlock() // it is used again, and theirs is another end
		return
	}
	waiters := g.waiters
	g.waiters = nil
	g.ends++
	g.ended.Broadcast()
	g.mu.Unlock()
	g.resolveAll(waiters)
}

// resolveAll ends all waits, also if a waker of one panics.
func (g *Group) resolveAll(waiters []*oneshot.Sender[struct{}]) {
	defer func() {
		if len(waiters) > 0 {
			g.resolveAll(waiters)
		}
	}()
	for len(waiters) > 0 {
		tx := waiters[0]
		waiters = waiters[1:]
		g.resolve(tx)
	}
}

// resolve ends a wait with the result of the group.
func (g *Group) resolve(tx *oneshot.Sender[struct{}]) {
	if tx.IsClosed() {
		return // it was given up: no wait has come to its end
	}
	if err := g.finish(); err != nil {
		_ = tx.Fail(err)
	} else {
		_ = tx.Send(struct{}{})
	}
}

// fail makes err the group's error if it is the first.
func (g *Group) fail(err error) {
	if g.err.CompareAndSwap(nil, &err) && g.scope != nil {
		g.scope.cancel(err)
	}
}

// finish ends the context of the group and returns the group's error.
func (g *Group) finish() error {
	var err error
	if p := g.err.Load(); p != nil {
		err = *p
	}
	if g.scope != nil {
		g.scope.cancel(err)
	}
	return err
}

// waitContext is the context to wait with, without its end: whoever waits for a
// place or for the end of the others must have it.
func (g *Group) waitContext() context.Context {
	if g.scope == nil {
		return context.Background()
	}
	return g.scope.parent
}
