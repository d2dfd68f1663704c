package executor

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Reports tell people of tasks that have stalled. They hold up neither the watch nor a
// worker: a look of the watch notes a stall, and the goroutine of that look writes the
// reports after it, unless another one still does. A handler of the log that does not
// return keeps that one goroutine, and no more.
//
// A report says where the task is. If the logger takes no warnings nothing is looked up.
// Otherwise the places of all stalls that were noted are looked up at once, at most once in
// reportInterval: that costs the program some milliseconds. A worker that has come back
// meanwhile has its task said to have gone on, and no place: a stack that was taken too
// late is another task's.
//
// Of the stalls at one place one report is written in limitInterval: see limiter.
type reports struct {
	// writing holds the place of the goroutine that writes. To wait for one that sleeps is
	// to be durably blocked, as on a mutex it is not.
	writing chan struct{}
	limit   limiter[location]

	mu        sync.Mutex // guards the rest
	stalls    []stall    // to be reported
	uncounted int        // stalls for which there was no room
	stuck     int        // workers, when no more could start; 0 if that is not to be reported
	due       time.Time  // when places may be looked up again
}

const (
	reportInterval = time.Second
	// maxStalls is how many stalls wait to be reported. Those beyond are only counted.
	maxStalls = 1000
	// maxPlaces is how many places are reported in limitInterval.
	maxPlaces = 50
	// closePatience is how long the end of an executor waits for its last reports.
	closePatience = time.Second
)

// A stall is a task that has kept its worker for too long.
type stall struct {
	worker *worker
	task   *task
	ticks  uint64    // the worker's, while it runs the task
	since  time.Time // when it began to, not counting the time that is excused
}

// isOver reports whether the task has gone on.
func (s stall) isOver() bool {
	s.worker.queue.mu.Lock()
	defer s.worker.queue.mu.Unlock()
	return s.worker.ticks != s.ticks || s.worker.task != s.task
}

func (e *Executor) initReports() {
	e.reports.writing = make(chan struct{}, 1)
	e.reports.limit = limiter[location]{
		kinds: maxPlaces,
		say: func(at location, left int) {
			writeLog(e.log(), slog.LevelWarn, "more tasks have kept their workers",
				append(append([]slog.Attr{slog.String("executor", e.name)}, at.attrs()...), slog.Int("left_out", left))...)
		},
		sayRest: func(left int) {
			writeLog(e.log(), slog.LevelWarn, "more tasks have kept their workers, at other places",
				slog.String("executor", e.name), slog.Int("left_out", left))
		},
	}
}

// stalled counts a stall, and has it reported.
func (e *Executor) stalled(s stall) {
	e.watch.stalls.Add(1)
	r := &e.reports
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.stalls) < maxStalls {
		r.stalls = append(r.stalls, s)
	} else {
		r.uncounted++
	}
}

// reportStuck has it reported that so many workers are stuck and no more may start.
func (e *Executor) reportStuck(stuck int) {
	r := &e.reports
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stuck = stuck
}

// writeReports writes the reports, unless another goroutine does or they are not due.
func (e *Executor) writeReports() {
	r := &e.reports
	for {
		now := time.Now()
		wait, any := r.wait(now)
		if !any {
			return
		}
		if wait > 0 {
			e.lookWithin(wait)
			return
		}
		select {
		case r.writing <- struct{}{}:
			e.writeDue(now)
		default:
			return // it looks again when it has done
		}
	}
}

// wait returns how long the reports that there are have to wait, and whether there are any.
func (r *reports) wait(now time.Time) (d time.Duration, any bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.stuck > 0:
		return 0, true
	case len(r.stalls) > 0:
		return r.due.Sub(now), true
	}
	return 0, false
}

// writeDue writes what there is. The caller has the place of the writer, which it leaves.
func (e *Executor) writeDue(now time.Time) {
	r := &e.reports
	defer func() { <-r.writing }() // also if a handler calls Goexit
	r.mu.Lock()
	stuck := r.stuck
	r.stuck = 0
	var stalls []stall
	uncounted := 0
	if now.Sub(r.due) >= 0 {
		stalls, uncounted = r.stalls, r.uncounted
		r.stalls, r.uncounted = nil, 0
		r.due = now.Add(reportInterval)
	}
	r.mu.Unlock()
	if stuck > 0 {
		writeLog(e.log(), slog.LevelError, "all workers are stuck, and no more may start: tasks wait",
			slog.String("executor", e.name), slog.Int("stuck", stuck), slog.Int("max_spares", e.maxSpares),
			slog.String("do", "await in tasks instead of blocking, or raise executor.WithMaxSpares"))
	}
	if len(stalls) > 0 && isEnabled(e.log(), slog.LevelWarn) {
		e.reportStalls(stalls, uncounted)
	}
}

// reportStalls writes a report for each place of the stalls.
func (e *Executor) reportStalls(stalls []stall, uncounted int) {
	type group struct {
		first stall
		at    finding
		n     int
	}
	var groups []*group // in the order of the stalls
	byPlace := map[location]*group{}
	for i, at := range e.locate(stalls) {
		g := byPlace[at.location]
		if g == nil {
			g = &group{first: stalls[i], at: at}
			byPlace[at.location] = g
			groups = append(groups, g)
		}
		g.n++
	}
	for i, g := range groups {
		if i == 0 {
			g.n += uncounted
		}
		e.reports.limit.log(g.at.location, g.n, func() { e.reportStall(g.first, g.at, g.n-1) })
	}
}

// reportStall writes that a task keeps its worker, and that so many others at the same
// place do.
func (e *Executor) reportStall(s stall, at finding, others int) {
	attrs := []slog.Attr{slog.String("executor", e.name), slog.String("task", s.task.name()), slog.Uint64("id", s.task.id)}
	msg := "task keeps its worker"
	if at.isOver {
		msg = "task kept its worker, and has gone on"
	} else {
		attrs = append(attrs, at.attrs()...)
	}
	attrs = append(attrs, slog.Duration("for", time.Since(s.since).Round(time.Millisecond)))
	if others > 0 {
		attrs = append(attrs, slog.Int("left_out", others))
	}
	attrs = append(attrs, slog.String("do", "await instead of blocking, call executor.Yield in long loops, or raise executor.WithStallThreshold"))
	if at.stack != "" && isEnabled(e.log(), slog.LevelDebug) {
		attrs = append(attrs, slog.String("stack", at.stack))
	}
	writeLog(e.log(), slog.LevelWarn, msg, attrs...)
}

// endReports writes what is left to be reported. It waits no longer than closePatience:
// what the handler of the log has not taken by then it may take later, or never.
func (e *Executor) endReports() {
	r := &e.reports
	timer := time.NewTimer(closePatience)
	defer timer.Stop()
	select {
	case r.writing <- struct{}{}:
	case <-timer.C:
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.mu.Lock()
		r.due = time.Time{}
		r.mu.Unlock()
		e.writeDue(time.Now())
		r.limit.end()
		e.failures.end()
	}()
	select {
	case <-done:
	case <-timer.C:
	}
}

// isEnabled reports whether the logger takes records of that level. If its handler panics
// that is said when a record is written.
func isEnabled(l *slog.Logger, level slog.Level) (enabled bool) {
	defer func() {
		if recover() != nil {
			enabled = true
		}
	}()
	return l.Enabled(context.Background(), level)
}
