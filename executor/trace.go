package executor

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
)

// The goroutines of an executor carry its name as the pprof label "executor", and
// so do its tasks; a task that has a name carries that too, as "task", whenever it
// runs. While the runtime's tracer is on, a task is a task of the trace, from its
// spawn or its first poll with the tracer on, and each poll a region. What derives
// from the context of a task's function belongs to the same labels, and to the same
// task unless something was derived before the tracer was on.
//
// A task that has no name costs nothing of this but the question whether the
// tracer is on: an atomic load per spawn and one per poll.

// An observation is what profiles and traces know of a task.
type observation struct {
	ctx  context.Context // with the labels and the trace's task
	task *trace.Task     // nil if the tracer has not been on
}

// observe prepares what the spawn of t by e must.
func (t *task) observe(e *Executor) {
	traced := trace.IsEnabled()
	if traced && t.extra == nil {
		t.extra = new(extra)
	}
	if x := t.extra; x != nil && (x.name != "" || x.labeled || traced) {
		o := newObservation(x, e)
		if traced {
			o.start(x, e)
		}
		x.observed.Store(o) // before anybody knows of the task
	}
}

// inheritLabels makes the task have the pprof labels of its parent, if there are any
// but those that each task of an executor has.
func (x *extra) inheritLabels() {
	pprof.ForLabels(x.parent, func(key, _ string) bool {
		x.labeled = key != "executor"
		return !x.labeled
	})
}

// newObservation returns that of a task of e, which is nil for a Runnable.
func newObservation(x *extra, e *Executor) *observation {
	o := &observation{ctx: x.root()}
	labels := make([]string, 0, 4)
	if e != nil {
		labels = append(labels, "executor", e.name)
	}
	if x.name != "" {
		labels = append(labels, "task", x.name)
	}
	o.ctx = pprof.WithLabels(o.ctx, pprof.Labels(labels...))
	return o
}

// start starts a task of the trace.
func (o *observation) start(x *extra, e *Executor) {
	name := x.name
	if name == "" && e != nil {
		name = e.name
	}
	o.ctx, o.task = trace.NewTask(o.ctx, name)
}

// root returns the context that the task's function or future was given.
func (x *extra) root() context.Context {
	if x.parent != nil {
		return x.parent
	}
	return context.Background()
}

// isObserved reports whether there is something to do for the labels or the trace
// of t when it is polled.
func (t *task) isObserved() bool {
	x := t.extra
	return x != nil && x.observed.Load() != nil || trace.IsEnabled()
}

// pollObserved polls t with its labels, and within a region of its trace. The
// labels of a task with code are its coroutine's.
func (t *task) pollObserved() bool {
	x := t.extra
	if x != nil && x.fiber == nil && !t.isRunnable() { // else the goroutine is not ours
		t.label()
		defer t.unlabel()
	}
	if trace.IsEnabled() {
		ctx := context.Background()
		if x != nil { // else it was spawned before, and there is no place to note more
			ctx = t.traced().ctx
		}
		defer trace.StartRegion(ctx, "poll").End()
	}
	return t.advance()
}

// traced returns the observation of a task that has an extra, with a task of the
// trace.
func (t *task) traced() *observation {
	x := t.extra
	o := x.observed.Load()
	if o != nil && o.task != nil {
		return o
	}
	var e *Executor
	if t.shard != nil {
		e = t.shard.exec
	}
	o = newObservation(x, e)
	o.start(x, e)
	x.observed.Store(o) // for the goroutines that have the task's context
	return o
}

// label puts the task's labels on the calling goroutine.
func (t *task) label() {
	if x := t.extra; x != nil {
		if o := x.observed.Load(); o != nil {
			pprof.SetGoroutineLabels(o.ctx)
		}
	}
}

// unlabel puts the executor's labels back, also in place of those that code of the
// task has set.
func (t *task) unlabel() {
	if !t.isRunnable() { // a Runnable's coroutine is its own
		pprof.SetGoroutineLabels(t.shard.exec.labels)
	}
}

// endTrace ends the task of the trace.
func (t *task) endTrace() {
	if x := t.extra; x != nil {
		if o := x.observed.Load(); o != nil && o.task != nil {
			o.task.End()
		}
	}
}
