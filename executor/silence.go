package executor

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// A silence is the time since a [Runner] accepted a worker that it has not called. If
// it is long and tasks wait, that is reported: the Runner may have dropped what it
// accepted, and nothing else tells of that.
//
// A timer looks, which is set when the Runner accepts a worker and has not called it
// by then. It stays set while there is such a worker, until the silence is reported.
// The next report is of a silence that begins after the Runner has called again.
//
// The end of the executor stops the timer. The runtime may keep a stopped timer until it
// would have fired, so the timer refers to the silence only, and not to the executor.
type silence struct {
	armed    atomic.Bool // the timer is set
	reported atomic.Bool // this silence has been

	mu    sync.Mutex // guards the rest
	exec  *Executor  // nil once it is over
	timer *time.Timer
}

// silencePatience is how long a silence is before it is reported.
const silencePatience = 5 * time.Second

// listen notes that the Runner has accepted the worker.
func (w *worker) listen() {
	w.accepted.Store(max(1, int64(time.Since(w.exec.began))))
	if w.phase.Load() != submitted {
		w.accepted.Store(0) // it was called meanwhile
		return
	}
	w.exec.silence.arm(silencePatience)
}

// end ends the silence: the Runner has called w. Others that it has accepted may be
// dropped all the same.
func (s *silence) end(w *worker) {
	w.accepted.Store(0)
	if s.reported.Load() && s.reported.CompareAndSwap(true, false) {
		s.arm(silencePatience)
	}
}

// arm sets the timer if it is not set.
func (s *silence) arm(d time.Duration) {
	// false → true: who does it sets the timer.
	if s.armed.Load() || !s.armed.CompareAndSwap(false, true) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.exec != nil { // else this Submit has outlived the executor
		s.timer = time.AfterFunc(d, s.look)
	}
}

// stop ends the silence of an executor that is over.
func (s *silence) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exec = nil
	if s.timer != nil {
		s.timer.Stop()
	}
}

// look is called by the timer.
func (s *silence) look() {
	s.mu.Lock()
	e := s.exec
	s.mu.Unlock()
	if e == nil {
		return
	}
	s.armed.Store(false) // true → false, and then it looks
	now := int64(time.Since(e.began))
	oldest := now
	for _, w := range *e.workers.Load() {
		if at := w.accepted.Load(); at != 0 && w.phase.Load() == submitted {
			oldest = min(oldest, at)
		}
	}
	if oldest == now || e.isStopped() || s.reported.Load() {
		return
	}
	long := time.Duration(now - oldest)
	if long < silencePatience {
		s.arm(silencePatience - long)
		return
	}
	n := e.waiting()
	if n == 0 {
		s.arm(silencePatience)
		return
	}
	if s.reported.CompareAndSwap(false, true) {
		writeLog(e.log(), slog.LevelWarn,
			"Runner does not call what it has accepted: see whether it was stopped, or whether others keep its goroutines",
			slog.String("executor", e.name), slog.Duration("since", long.Round(time.Millisecond)), slog.Int("tasks", n))
	}
}

// waiting returns how many tasks could run and wait for a worker.
func (e *Executor) waiting() int {
	n := 0
	for i := range e.shards {
		for _, t := range e.shards[i].tasks() {
			if t.state.isScheduled() {
				n++
			}
		}
	}
	return n
}
