package executor

import (
	"context"
	"runtime/pprof"
	"runtime/trace"
)

// A task that has a name carries it as the pprof label "task", with the
// executor's as "executor", whenever it runs. While the runtime's tracer is on,
// a task that is spawned is a task of the trace, and each of its polls a region.
// An unnamed task costs nothing of this but the question whether the tracer is
// on: one atomic load per spawn and per poll.

// observe prepares what the spawn of t by e must, of labels and trace.
func (t *task) observe(e *Executor) {
	traced := trace.IsEnabled()
	if traced && t.extra == nil {
		t.extra = new(extra)
	}
	x := t.extra
	if x == nil {
		return
	}
	if x.name != "" {
		x.observed = pprof.WithLabels(context.Background(), pprof.Labels("executor", e.name, "task", x.name))
	}
	if traced {
		ctx, name := x.observed, x.name
		if ctx == nil {
			ctx, name = context.Background(), e.name
		}
		x.observed, x.trace = trace.NewTask(ctx, name)
	}
}

// pollObserved polls t with its labels, and within a region of its trace.
func (t *task) pollObserved(p pollable) bool {
	t.label()
	defer t.unlabel()
	if t.extra.trace != nil {
		defer trace.StartRegion(t.extra.observed, "poll").End()
	}
	return p.poll()
}

// label puts the task's labels on the calling goroutine, a worker's or the
// task's coroutine.
func (t *task) label() {
	if x := t.extra; x != nil && x.observed != nil {
		pprof.SetGoroutineLabels(x.observed)
	}
}

// unlabel takes them off again.
func (t *task) unlabel() {
	if x := t.extra; x != nil && x.observed != nil {
		pprof.SetGoroutineLabels(context.Background())
	}
}

// endTrace ends the task of the trace.
func (t *task) endTrace() {
	if x := t.extra; x != nil && x.trace != nil {
		x.trace.End()
	}
}
