package executor

import "sync/atomic"

// Stats are counts of what an executor has done and holds. They are taken one
// after the other, not at one moment: sums of them may be off by what happened
// meanwhile. Counts of what has happened only grow.
type Stats struct {
	Live    int    // tasks that have been spawned and have not ended
	Queued  int    // tasks that could run and wait for a worker; for a moment also tasks canceled before they ran
	Spawned uint64 // tasks so far
	// Failed, Panicked and Canceled are tasks that have ended with an error, each in one
	// of the three. A task is canceled if its error says no more than that it was, also
	// if it never began. One that was refused is in none, as it is not in Spawned.
	Failed   uint64 // returned another error, or called runtime.Goexit
	Panicked uint64 // panicked, or returned the PanicError of what they awaited
	Canceled uint64
	Polls    uint64 // times a task was given a worker
	Steals   uint64 // tasks that a worker took from another one
	Parks    uint64 // times a worker found nothing to do
	Stalls   uint64 // times a task kept its worker past the threshold of WithStallThreshold
	Workers  int    // workers, with the spare ones that there are now
}

// Stats returns the executor's counts. It takes each worker's lock for a moment.
func (e *Executor) Stats() Stats {
	e.check("Stats")
	e.watch.mu.Lock()
	e.dropEndedLocked()
	ws, s := *e.workers.Load(), e.watch.gone // a worker is in one of the two
	e.watch.mu.Unlock()
	s.Stalls, s.Queued = e.watch.stalls.Load(), int(e.global.size.Load()+e.unwinding.queue.size.Load())
	for i := range e.shards {
		sh := &e.shards[i]
		sh.mu.Lock()
		s.Live += sh.live
		s.Spawned += sh.spawned
		sh.mu.Unlock()
	}
	for _, w := range ws {
		s.Workers++
		s.Queued += w.queue.size()
		w.queue.mu.Lock()
		s.add(w)
		w.queue.mu.Unlock()
	}
	s.Failed, s.Panicked, s.Canceled = e.outcomes.failed.Load(), e.outcomes.panicked.Load(), e.outcomes.canceled.Load()
	s.Queued = min(s.Queued, s.Live) // not what is left of tasks that never ran
	return s
}

// add adds the counts of a worker, whose lock the caller holds.
func (s *Stats) add(w *worker) {
	s.Polls += w.polls
	s.Steals += w.steals
	s.Parks += w.parks
}

// Outcomes are the numbers of tasks that have ended with an error. The tasks that have not do
// not touch it. Each count stands alone, and is read for a report only.
type outcomes struct{ failed, panicked, canceled atomic.Uint64 }

// count counts a task that ends with err. It is called before the task is counted out.
func (o *outcomes) count(err error, means verdict) {
	switch {
	case isPanic(err):
		o.panicked.Add(1)
	case means == failure:
		o.failed.Add(1)
	default:
		o.canceled.Add(1)
	}
}
