package interleave

import (
	"context"
	"time"
)

// An alarm is a goroutine that something outside the program begins: to begin
// is its first step. Until then it can be stopped.
type alarm struct {
	g    *goroutine
	cell cell
}

// set makes an alarm that calls f, at any moment at which the gate is open.
func (g *goroutine) set(name string, gate gate, f func(g *goroutine)) *alarm {
	a := new(alarm)
	if g.exec.ending {
		return a
	}
	a.g = g.fork(name, func() {
		if t := a.g.exec.tracer; t != nil {
			t.append(a.g.step)
		}
		a.g.gate = nil
		a.cell.order(a.g)
		f(a.g)
	})
	a.g.gate = gate
	if t := g.exec.tracer; t != nil {
		a.g.step = t.step(a.g, "fires")
	}
	return a
}

// stop is a step that stops the alarm, and reports whether it came in time.
func (a *alarm) stop() bool {
	g := step("Stop")
	if g == nil {
		return false
	}
	a.cell.order(g)
	stopped := a.g.worker == nil && !a.g.ended
	if stopped {
		a.g.ended = true
	}
	g.result("() = %v", stopped)
	return stopped
}

// AfterFunc is time.AfterFunc and returns the timer's Stop. In a model there is
// no time: the timer fires at any moment after the call, unless it is stopped
// before. Its goroutine counts as one of the model's.
func AfterFunc(d time.Duration, f func()) (stop func() bool) {
	g := current()
	if g == nil {
		return time.AfterFunc(d, f).Stop
	}
	return g.set("timer", nil, func(*goroutine) { f() }).stop
}

// ContextAfterFunc is context.AfterFunc. In a model ctx must be a [Context] or
// one that never ends.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	if c, ok := ctx.(*Context); ok {
		return c.AfterFunc(f)
	}
	return context.AfterFunc(ctx, f)
}

// A Context is a context.Context for a model: its end is a step. It has no
// deadline and no values. [NewContext] makes one, for one execution.
//
// Only looks at Err are steps. Code that looks at Done instead, such as a
// context derived from this one, sees the end at the same moment, but the
// checker does not see it looking.
type Context struct {
	ended Uint32
	done  chan struct{}
}

// NewContext returns a context that ends when its Cancel is called.
func NewContext() *Context { return &Context{done: make(chan struct{})} }

// Cancel ends the context with the error context.Canceled. It is a step. It is
// called once.
func (c *Context) Cancel() {
	c.ended.Store(1)
	close(c.done)
}

// Err is a step that returns context.Canceled once Cancel was called.
func (c *Context) Err() error {
	if c.ended.Load() == 0 {
		return nil
	}
	return context.Canceled
}

// Done returns a channel that Cancel closes.
func (c *Context) Done() <-chan struct{} { return c.done }

// Deadline reports that there is none.
func (c *Context) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Value returns nil.
func (c *Context) Value(any) any { return nil }

// AfterFunc is what [ContextAfterFunc] calls: f runs in a goroutine of its own
// at any moment after Cancel, unless stop is called before. Package context
// calls it too, for contexts that are derived from this one.
func (c *Context) AfterFunc(f func()) (stop func() bool) {
	g := current()
	if g == nil {
		panic("interleave: AfterFunc of a Context outside the model's own goroutines")
	}
	return g.set("context", (*canceled)(c), func(g *goroutine) {
		c.ended.cell.read(g)
		f()
	}).stop
}

// canceled is a Context as what its callbacks wait for.
type canceled Context

func (c *canceled) open() bool { return c.ended.word.Load() == 1 }

// An Event is waited for beside a context. It is set or not, and Wait resets it.
// In a model the context must be a [Context] or one that never ends.
type Event struct{ e *event }

type event struct {
	ch   chan struct{} // outside a model
	cell cell
	set  bool
}

// NewEvent returns an event that is not set. It is for one model.
func NewEvent() Event { return Event{&event{ch: make(chan struct{}, 1)}} }

// Set is a step that sets the event.
func (e Event) Set() {
	g := current()
	if g == nil {
		select {
		case e.e.ch <- struct{}{}:
		default:
		}
	} else if g.pause(nil, "Set") {
		e.e.set = true
		e.e.cell.update(g)
	}
}

// Wait is a step that is made once the event was set or ctx has ended, and resets
// the event, also if both have happened: a select may do so.
func (e Event) Wait(ctx context.Context) {
	g := current()
	if g == nil {
		select {
		case <-e.e.ch:
		case <-ctx.Done():
		}
		return
	}
	c, _ := ctx.(*Context)
	if g.pause(&wait{e.e, c}, "Wait") {
		e.e.set = false
		e.e.cell.update(g)
		if c != nil {
			c.ended.cell.read(g)
		}
	}
}

// A wait is what Event.Wait waits for.
type wait struct {
	event *event
	ctx   *Context // or nil
}

func (w *wait) open() bool {
	return w.event.set || w.ctx != nil && (*canceled)(w.ctx).open()
}
