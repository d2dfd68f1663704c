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
	if x := t.extra; x != nil && x.name != "" {
		x.labels = pprof.WithLabels(context.Background(), pprof.Labels("executor", e.name, "task", x.name))
	}
	if trace.IsEnabled() {
		if t.extra == nil {
			t.extra = new(extra)
		}
		x := t.extra
		ctx := context.Background()
		if x.labels != nil {
			ctx = x.labels
		}
		name := x.name
		if name == "" {
			name = e.name
		}
		x.traceContext, x.traceTask = trace.NewTask(ctx, name)
	}
}

// pollObserved polls t with its labels, within a region of its trace.
func (t *task) pollObserved(p pollable) bool {
	x := t.extra
	if x.labels != nil {
		pprof.SetGoroutineLabels(x.labels)
		defer pprof.SetGoroutineLabels(context.Background())
	}
	if x.traceTask != nil {
		defer trace.StartRegion(x.traceContext, "poll").End()
	}
	return p.poll()
}

// label puts the task's labels on the calling goroutine, its coroutine.
func (t *task) label() {
	if x := t.extra; x != nil && x.labels != nil {
		pprof.SetGoroutineLabels(x.labels)
	}
}

// unlabel takes them off again.
func (t *task) unlabel() {
	if x := t.extra; x != nil && x.labels != nil {
		pprof.SetGoroutineLabels(context.Background())
	}
}

// endTrace ends the task of the trace.
func (t *task) endTrace() {
	if x := t.extra; x != nil && x.traceTask != nil {
		x.traceTask.End()
	}
}
