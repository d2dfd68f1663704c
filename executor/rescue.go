package executor

import (
	"sync/atomic"
	"time"

	"github.com/go-await/await/internal/atomics"
)

// A watch sees to it that a task that does not come back, because it computes or
// because it blocks, does not hold up the others.
//
// Every rescueInterval it looks at the workers. One that polls the same task as at the
// look before is stuck. Others run what it has queued, and spare workers start if
// none of them is idle: see spare.go. A task that has kept its worker for the whole stall
// threshold has stalled: a human is told, see report.go.
//
// The watch is a timer, no goroutine. It is set while a worker runs a task and is not known
// to be stuck, and at every tenth of the threshold until one that is stuck has stalled: it
// costs nothing while all rest, nor while a task blocks for an hour. The timer is set for the
// next look before anything is reported, so a logger holds up no look.
//
// A task that awaits futures which are always ready is not stuck. Each look asks the tasks
// that it finds running to let others run at their next await: a task that awaits within
// rescueInterval comes back before the next look.
//
// # How no busy worker goes unwatched
//
// A worker that takes a task after a rest notes it and then looks whether the
// timer is armed; so does one that was stuck and is back. The look says that the
// timer is not armed and then looks at the workers' tasks. One of the two sees the
// other. A timer that is set for a report alone is not armed.
type watch struct {
	armed  atomic.Bool // the next look is at most a rescueInterval away
	stalls atomic.Uint64

	// looking holds the place of the look. To wait for one that sleeps is to be durably
	// blocked, as on a mutex it is not.
	looking chan struct{}

	fast     int  // the look's: so many more looks are to come fast
	limitMet bool // the look's: it has reported that no more workers may start

	mu    atomics.Mutex // guards the rest, and changes of the lists of workers
	due   time.Time     // when the timer calls; zero if it is not set
	timer *time.Timer
	over  bool
	gone  Stats // counts of the spare workers that have ended
	ended int   // spare workers in Executor.workers that have ended
}

// rescueInterval is the time between two looks, unless the stall threshold is shorter.
const rescueInterval = 10 * time.Millisecond

func (e *Executor) rescueInterval() time.Duration { return min(rescueInterval, e.threshold) }

// fastInterval is the time to the next look while spare workers get stuck as soon as they
// start, and fastLooks is how many such looks follow the last one that had to start some.
func (e *Executor) fastInterval() time.Duration {
	return max(e.rescueInterval()/10, time.Millisecond)
}

const fastLooks = 10

// arm has the watch look within a rescueInterval.
func (e *Executor) arm() {
	// false → true: one caller sets the timer.
	if e.threshold <= 0 || e.watch.armed.Load() || !e.watch.armed.CompareAndSwap(false, true) {
		return
	}
	e.lookWithin(e.rescueInterval())
}

// lookWithin sets the timer, unless it is set and calls sooner.
func (e *Executor) lookWithin(d time.Duration) {
	s := &e.watch
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

// stopWatch ends the watch, and waits for a look that has begun.
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
			s.armed.Store(true) // false → true: as arm does
			e.lookWithin(e.fastInterval())
		case seen.busy:
			e.arm()
		case seen.next > 0:
			e.lookWithin(seen.next) // not armed: who calls arm sets the timer anew
		}
	}
	report := s.fast == 0 && ok // to take stacks would hold the next look up
	<-s.looking
	if report {
		e.writeReports()
	}
}

// beginLook says that the timer is not armed. It reports how late the timer has come,
// and whether there is to be a look.
func (e *Executor) beginLook() (late time.Duration, ok bool) {
	s := &e.watch
	s.mu.Lock()
	defer s.mu.Unlock()
	// A look may wait for the one before, and find the timer set anew: then it comes early.
	if !s.due.IsZero() {
		late = max(0, time.Since(s.due))
	}
	s.due = time.Time{}
	s.armed.Store(false) // then look at the tasks
	return late, !s.over
}

// A record is what the watch knows of a worker. It belongs to the look.
type record struct {
	seen     uint64        // the ticks at its last look
	looks    int           // since those were new
	since    time.Time     // when they were new
	excused  time.Duration // of the time since then, what the processors were busy with something else
	told     bool          // the stall has been counted
	stuck    bool          // the worker did not come back since the look before
	starting bool          // it is a spare one that has not begun
}

// note enters what a look has found, and reports how long the worker has kept its task
// at least. late is how late the look has come.
func (r *record) note(ticks uint64, now time.Time, late time.Duration) (kept time.Duration) {
	r.starting = ticks < r.seen
	switch {
	case ticks > r.seen:
		r.seen, r.looks, r.since, r.excused, r.told = ticks, 0, now, 0, false
	case !r.starting:
		r.looks++
		r.excused += late
	}
	return now.Sub(r.since) - r.excused
}

// A sighting is what a look at the workers has found.
type sighting struct {
	stuck, active int           // workers that are stuck, and that are not; without those that were dismissed
	back          []*worker     // of the active ones, those that were stuck
	starting      int           // spare workers that have not looked for a task yet; in neither
	busy          bool          // there must be another look, soon
	next          time.Duration // until a task that is stuck is to be looked at again, if any
	changed       bool          // others are to be bypassed than before
}

// sight looks at the workers, bypasses those that are stuck, and counts tasks that have
// stalled. If the timer has come late the processors are busy with something else, and a
// worker that has not come back may just not have run: that is then not held against it
// until the look after, and the delay is not counted as the task's.
func (e *Executor) sight(late time.Duration) (seen sighting) {
	interval, patience := e.rescueInterval(), 1
	if late > interval/2 {
		patience = 2
	} else {
		late = 0
	}
	fast := e.watch.fast > 0
	now := time.Now()
	for _, w := range *e.workers.Load() {
		w.queue.mu.Lock()
		t, ticks := w.task, w.ticks
		w.queue.mu.Unlock()
		kept := w.note(ticks, now, late)
		if t != nil {
			w.overstay.Store(true)
		}
		dismissed := w.dismissed.Load() != 0
		w.stuck = t != nil && w.looks >= patience && (kept >= interval || fast || w.looks > patience)
		if w.stuck && !w.told {
			if left := e.threshold - kept; left <= 0 {
				w.told = true
				e.stalled(stall{worker: w, task: t, ticks: ticks, since: now.Add(-kept)})
			} else if next := max(interval, min(left, e.threshold/10)); seen.next == 0 || next < seen.next {
				// Not only when the threshold has passed: if the process was stopped that
				// look would be late by less than the stop was long.
				seen.next = next
			}
		}
		switch {
		case w.starting:
			seen.busy = true
			if !dismissed {
				seen.starting++
			}
		case w.stuck:
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
