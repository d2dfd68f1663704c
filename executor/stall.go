package executor

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-await/await/internal/atomics"
)

// A stallWatch sees to it that a task that does not come back, because it
// computes or because it blocks, does not hold up the others.
//
// Every threshold it looks at the workers. One that polls the same task as at the
// look before is stuck. Others run what it has queued, and spare workers start if
// none of them is idle: see spare.go. A task that has kept its worker for the whole
// threshold has stalled, and is reported, once.
//
// It is a timer, no goroutine, and is set only while a worker runs a task that has not
// been reported: it costs nothing while all rest, nor while a task blocks for an hour. A
// report holds up neither the next look nor the workers, however long the logger takes.
//
// A task that awaits futures which are always ready is not stuck. Each look asks the tasks
// that it finds running to let others run at their next await: a task that awaits within
// the threshold comes back before the next look.
//
// # How no busy worker goes unwatched
//
// A worker that takes a task after a rest notes it and then looks whether the
// timer is set; so does one that was stuck and is back. The look says that the
// timer is not set and then looks at the workers' tasks. One of the two sees the
// other.
type stallWatch struct {
	armed  atomic.Bool
	stalls atomic.Uint64

	// looking holds the place of the look, and reporting that of the goroutine that
	// writes reports. To wait for one that sleeps is to be durably blocked, as on a mutex
	// it is not.
	looking, reporting chan struct{}

	fast     int  // the look's: so many more looks are to come fast
	limitMet bool // the look's: it has reported that no more workers may start

	mu      atomics.Mutex // guards the rest, and changes of the lists of workers
	due     time.Time     // when the timer calls; zero if it is not set
	timer   *time.Timer
	over    bool
	gone    Stats    // counts of the spare workers that have ended
	ended   int      // spare workers in Executor.workers that have ended
	reports []func() // to be written
	untold  int      // stalls for which there was no room in reports
}

// fastInterval is the time to the next look while spare workers get stuck as soon as they
// start, and fastLooks is how many such looks follow the last one that had to start some.
func (e *Executor) fastInterval() time.Duration { return max(e.threshold/10, time.Millisecond) }

const fastLooks = 10

// maxReports is how many reports wait to be written. Of the stalls beyond it only the
// number is reported: to take the stack of each of thousands takes minutes.
const maxReports = 10

// arm sets the timer if it is not set.
func (e *Executor) arm() {
	// false → true: whoever does it sets the timer.
	if e.threshold <= 0 || e.watch.armed.Load() || !e.watch.armed.CompareAndSwap(false, true) {
		return
	}
	e.armWithin(e.threshold)
}

// armWithin sets the timer, unless it is set and calls sooner.
func (e *Executor) armWithin(d time.Duration) {
	s := &e.watch
	s.armed.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	due := time.Now().Add(d)
	if s.over || !s.due.IsZero() && s.due.Before(due) {
		return
	}
	s.due = due
	if s.timer == nil {
		s.timer = time.AfterFunc(d, e.look)
	} else {
		s.timer.Reset(d)
	}
}

// stopWatch ends the watch, and waits for a look that has begun and for its reports.
func (e *Executor) stopWatch() {
	s := &e.watch
	s.looking <- struct{}{}
	s.mu.Lock()
	s.over = true
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	<-s.looking
	if e.claimReports() { // that waited for growth to end
		e.writeReports()
		return
	}
	s.reporting <- struct{}{}
	<-s.reporting
}

// look is called by the timer.
func (e *Executor) look() {
	s := &e.watch
	s.looking <- struct{}{}
	late, ok := e.beginLook()
	if ok {
		seen := e.sight(late)
		e.balance(seen)
		switch {
		case s.fast > 0:
			e.armWithin(e.fastInterval())
		case seen.busy:
			e.arm()
		}
	}
	mine := s.fast == 0 && e.claimReports() // to take stacks would hold the next look up
	<-s.looking
	if mine {
		e.writeReports()
	}
}

// beginLook says that the timer is not set. It reports whether the timer has come late,
// and whether there is to be a look.
func (e *Executor) beginLook() (late, ok bool) {
	s := &e.watch
	s.mu.Lock()
	defer s.mu.Unlock()
	// A look may wait for the one before, and find the timer set anew: then it comes early.
	late = !s.due.IsZero() && time.Since(s.due) > e.threshold/2
	s.due = time.Time{}
	s.armed.Store(false) // then look at the tasks
	return late, !s.over
}

// A record is what the watch knows of a worker. It belongs to the look.
type record struct {
	seen     uint64    // the ticks at its last look
	looks    int       // since those were new
	since    time.Time // when they were new
	told     bool      // the stall has been reported
	stuck    bool      // the worker did not come back since the look before
	starting bool      // it is a spare one that has not begun
}

// A sighting is what a look at the workers has found.
type sighting struct {
	stuck, active int       // workers that are stuck, and that are not; without those that were dismissed
	back          []*worker // of the active ones, those that were stuck
	starting      int       // spare workers that have not looked for a task yet; in neither
	busy          bool      // there must be another look
	changed       bool      // others are to be bypassed than before
}

// sight looks at the workers, bypasses those that are stuck, and reports tasks that have
// stalled. If the timer has come late the processors are busy with something else, and a
// worker that has not come back may just not have run: that is then not held against it
// until the look after.
func (e *Executor) sight(late bool) (seen sighting) {
	patience := 1
	if late {
		patience = 2
	}
	now := time.Now()
	for _, w := range *e.workers.Load() {
		w.queue.mu.Lock()
		t, ticks := w.task, w.ticks
		w.queue.mu.Unlock()
		w.starting = ticks < w.seen
		if ticks > w.seen {
			w.seen, w.looks, w.since, w.told = ticks, 0, now, false
		} else if !w.starting {
			w.looks++
		}
		if t != nil {
			w.overstay.Store(true)
		}
		dismissed := w.dismissed.Load() != 0
		w.stuck = t != nil && w.looks >= patience
		if w.stuck && !w.told && now.Sub(w.since) >= e.threshold {
			w.told = true
			e.stalled(w, t)
		}
		switch {
		case w.starting:
			seen.busy = true
			if !dismissed {
				seen.starting++
			}
		case w.stuck:
			seen.busy = seen.busy || !w.told
			if w.bypassed.Load() == 0 {
				w.bypass()
				seen.changed = true
			}
			if !dismissed {
				seen.stuck++
			}
		case dismissed:
			seen.busy = seen.busy || t != nil
		default:
			seen.busy = seen.busy || t != nil
			seen.active++
			if w.bypassed.Load() != 0 {
				seen.back = append(seen.back, w)
				seen.changed = true
			}
		}
	}
	if seen.stuck == 0 && e.global.size.Load() == 0 {
		e.watch.limitMet = false
	}
	return seen
}

// stalled counts a stall, and has it reported.
func (e *Executor) stalled(w *worker, t *task) {
	s := &e.watch
	s.stalls.Add(1)
	s.mu.Lock()
	full := len(s.reports) >= maxReports
	if full {
		s.untold++
	}
	s.mu.Unlock()
	if !full {
		e.later(func() { e.reportStall(w, t) })
	}
}

// later has a report written once the look has ended.
func (e *Executor) later(report func()) {
	s := &e.watch
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports = append(s.reports, report)
}

// claimReports reports whether the caller must write the reports: there are some, and no
// other goroutine writes them.
func (e *Executor) claimReports() bool {
	s := &e.watch
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.reports) == 0 {
		return false
	}
	select {
	case s.reporting <- struct{}{}:
		return true
	default:
		return false
	}
}

// writeReports writes the reports until there are none left.
func (e *Executor) writeReports() {
	returned := false
	defer func() {
		if !returned {
			<-e.watch.reporting // a handler has called Goexit: the next look writes the rest
		}
	}()
	for report := e.nextReport(); report != nil; report = e.nextReport() {
		report()
	}
	returned = true
}

// nextReport takes a report. If there are none it returns nil, and the next look writes
// what comes then.
func (e *Executor) nextReport() (report func()) {
	s := &e.watch
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.reports) > 0:
		report = s.reports[0]
		s.reports = s.reports[1:]
	case s.untold > 0:
		n := s.untold
		s.untold = 0
		report = func() { e.reportMore(n) }
	default:
		s.reports = nil
		<-s.reporting
	}
	return report
}

// reportStall logs that t keeps w.
func (e *Executor) reportStall(w *worker, t *task) {
	if !e.logsStalls() {
		return // to take the stack is expensive
	}
	writeLog(e.log(), slog.LevelWarn, "task keeps its worker",
		slog.String("executor", e.name), slog.Uint64("id", t.id), slog.String("task", t.name()),
		slog.Duration("threshold", e.threshold), slog.String("stack", stackOf(w, t)))
}

// reportMore logs that there were n more stalls.
func (e *Executor) reportMore(n int) {
	writeLog(e.log(), slog.LevelWarn, "more tasks keep their workers",
		slog.String("executor", e.name), slog.Int("tasks", n), slog.Duration("threshold", e.threshold))
}

// logsStalls reports whether the logger takes reports of stalls. If its handler panics
// that is said when a report is written.
func (e *Executor) logsStalls() (enabled bool) {
	defer func() {
		if recover() != nil {
			enabled = true
		}
	}()
	return e.log().Enabled(context.Background(), slog.LevelWarn)
}

// overstays reports, once, that the task that w runs is to let others run at this await,
// also those of the global queue. The task's goroutine calls it, and suspends if so.
func (w *worker) overstays() bool {
	if !w.overstay.Load() {
		return false
	}
	w.overstay.Store(false)
	w.aside = true
	return true
}
