package ants

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/safe"
)

// A queue holds the jobs for which a blocking pool had no worker, so that nobody
// has to block in the pool's Submit.
//
//	submit ──a worker is free──▶ pool: work ──▶ job, then more() ──▶ back to the pool
//	   │                                          ▲  └─ or linger() ─┐
//	   └─── none is, or one lingers ──▶ queue ◀── feed ──▶ pool: arrive
//
// A feeder is a goroutine that blocks in the pool's Submit in place of all those
// whose jobs are queued. It starts when there are jobs and no feeder, and ends
// when the pool has accepted its submission, or has refused it and no job is
// left, or one part of the pool has and another feeder waits. What it submits,
// arrive, takes a job from the queue. A worker that has done a job of ours takes
// the next one too before it goes back to the pool, and one at a time lingers for
// it.
//
//  1. While a job is queued, feeders is not 0: there is a feeder, or what a
//     feeder has submitted is about to look at the queue, or a worker lingers and
//     is about to look. Whoever queues a job or lowers feeders sees to that. So
//     it does not matter what becomes of a worker. A feeder that the pool has
//     forgotten counts: then its watch, and whoever queues a job, starts another
//     beside it.
//  2. A job leaves the queue once: a worker runs it or a feeder refuses it, or
//     nobody wants its result and it is dropped.
//  3. A worker is not kept from others: it takes no further job when somebody
//     else waits for a worker, when the pool has become smaller, or when it is
//     closed. Then the feeder is told so by the pool, and refuses what is queued.
type queue struct {
	owner    gauge // the pool
	own      route // of the pool itself
	direct   bool  // the pool never blocks: the queue is not used
	multi    multi // nil if the pool is a single one
	parts    int   // how many pools it consists of
	blocking int   // MaxBlockingTasks of all parts, 0 for no limit

	starting  atomic.Int32 // submissions that may be taking a free worker now
	length    atomic.Int32 // jobs in the queue, dead ones included; changed under mu
	dying     atomic.Int32 // dead jobs in the queue; lowered under mu, maybe before it is raised
	feeders   atomic.Int32 // changed under mu; if the pool would have a feeder wait, parts at most
	lingering atomic.Bool  // one of the feeders is a worker that lingers; changed under mu

	mu          sync.Mutex
	first, last job
}

// fewDead is how many dead jobs are left in a queue in any case.
const fewDead = 64

// A job is what a worker does for one receiver.
//
// It is taken once, by the worker that runs it or the refusal that is first: what comes
// later finds nothing to do.
type job interface {
	run()                  // sends the result
	refuse(err error) bool // sends err instead, and reports whether it was the first to take the job

	enter(r *route)       // is called before the job is queued. If it dies from now on, its queue's died is called
	via() *route          // what enter was called with, or nil if the job is dead
	leave() (wanted bool) // is called after it was removed, and reports whether it is not dead
	next() *job           // links the queue
}

// link is what a job needs to be queued.
type link struct{ following job }

func (l *link) next() *job { return &l.following }

// submit has j run or refused. It does not wait for a worker.
func (r *route) submit(j job) {
	q := r.queue
	if q.lingering.Load() && r.catch(j) {
		return
	}
	if r.claim() {
		defer q.starting.Add(-1)
		attempt(j, func() error { return r.hand(j) })
		return
	}
	q.mu.Lock()
	if !r.admit() {
		q.mu.Unlock()
		if r.IsClosed() {
			j.refuse(ants.ErrPoolClosed)
		} else {
			j.refuse(ants.ErrPoolOverload)
		}
		return
	}
	r.push(j)
	q.unlock()
}

// catch gives j to the worker that lingers, and reports whether there was one that
// had no job yet.
func (r *route) catch(j job) bool {
	q := r.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.lingering.Load() || !q.empty() || r.IsClosed() {
		return false
	}
	r.push(j)
	return true
}

// exchange queues j beyond the limit, for a worker that is about to take the first
// job instead, and reports whether there is one.
func (r *route) exchange(j job) bool {
	q := r.queue
	q.mu.Lock()
	if q.empty() || r.IsClosed() {
		q.mu.Unlock()
		return false
	}
	r.push(j)
	q.unlock()
	return true
}

// claim reports whether the pool has a worker for the caller. Those that ask at
// the same moment are counted in starting, so that they do not all take the same
// worker for theirs, and a feeder may be about to take one. After true, starting is
// to be lowered.
func (r *route) claim() bool {
	q := r.queue
	n := int(q.starting.Add(1)) + int(q.feeders.Load())
	if q.lingering.Load() {
		n-- // that feeder has its worker
	}
	if r.free() >= n {
		return true
	}
	q.starting.Add(-1)
	return false
}

// feed brings a worker, or the pool's refusals, to what is queued.
func (q *queue) feed() {
	for q.feedFirst() {
	}
}

// feedFirst brings a worker, or the refusal of its route, to the first of what is
// queued, and reports whether the feeder is to go on.
func (q *queue) feedFirst() (again bool) {
	q.mu.Lock()
	first, r := q.front()
	if first == nil {
		q.feeders.Add(-1)
		q.mu.Unlock()
		return false
	}
	q.mu.Unlock()
	var begun atomic.Bool
	var err error
	returned := false
	w := newWatch(q)
	defer func() {
		w.stop()
		var panicked any
		if !returned {
			panicked = recover()
			err = future.Recovered(panicked)
		}
		switch {
		case err == nil:
		case begun.Swap(true): // false → true: no worker that comes now arrives
			if !returned {
				report(late, err)
			}
		default:
			again = q.refused(first, err)
		}
		if again && !returned && panicked == nil { // the goroutine exits
			go q.feed()
		}
	}()
	err = r.fetch(&begun)
	returned = true
	return false
}

// refused takes it that a route has refused first with err, and reports whether the
// feeder is to go on. If first has left the queue meanwhile the error concerns no
// other: their routes may not be the same.
func (q *queue) refused(first job, err error) (again bool) {
	var refused job
	q.mu.Lock()
	if q.feeders.Load() == 1 || !safe.Is(err, ants.ErrPoolOverload) {
		if now, _ := q.front(); now == first {
			refused = q.pop()
		}
		again = q.first != nil
	} // else a part has too many waiting, and another feeder waits for a part
	if !again {
		q.feeders.Add(-1)
	}
	q.mu.Unlock()
	if refused != nil {
		refuse(refused, err)
	}
	return again
}

// refuse has j refused by a feeder. A waker of its receiver that panics ends neither the
// feeder nor the process.
func refuse(j job, err error) {
	defer func() {
		if v := recover(); v != nil {
			report("a waker panicked when a queued call was refused", future.Recovered(v))
		}
	}()
	j.refuse(err)
}

// arrive is what feed submits.
func (r *route) arrive() { r.work(r.look(false)) }

// look ends what counted as a feeder with a look at the queue. If the pool was
// closed meanwhile what is queued is for another feeder, to refuse.
func (r *route) look(lingered bool) (j job) {
	q := r.queue
	q.mu.Lock()
	q.feeders.Add(-1)
	if lingered {
		q.lingering.Store(false)
	}
	if !r.IsClosed() {
		j = q.pop()
	}
	q.unlock()
	return j
}

// work runs j, which may be nil, and then what is queued.
func (r *route) work(j job) {
	for j != nil {
		j.run()
		if j = r.more(); j == nil && r.linger() {
			j = r.look(true)
		}
	}
}

// more returns another job for a worker that has done one, or nil if it is to go
// back to the pool.
func (r *route) more() job {
	q := r.queue
	if q.length.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if r.wanted() { // rule 3
		return nil
	}
	return q.pop()
}

// wanted reports whether somebody else has a claim on a worker that has done its
// job: rule 3.
func (r *route) wanted() bool {
	return r.Waiting() > int(r.queue.feeders.Load()) || r.Running() > r.Cap() || r.IsClosed()
}

// contended reports whether a worker that could go on with its job is better
// given to others. own of the queued jobs are not others.
func (r *route) contended(own int) bool {
	return r.queue.alive() > own || r.wanted()
}

// linger gives way to other goroutines once, before a worker with nothing to do
// goes back to the pool, and reports whether it is to look again. Often the next
// job comes from the very goroutine that was waiting for the last result, and is
// with a worker then without the way through the pool: which is longer, and longer
// still if the pool has started all its workers, since it takes a feeder. Only one
// worker at a time does it, and takes one job, so that what comes beside it gets a
// worker of its own.
func (r *route) linger() bool {
	q := r.queue
	if q.feeders.Load() != 0 {
		return false
	}
	q.mu.Lock()
	ok := q.empty() && q.feeders.Load() == 0 && !r.wanted()
	if ok {
		q.feeders.Add(1) // rule 1: until look
		q.lingering.Store(true)
	}
	q.mu.Unlock()
	if ok {
		runtime.Gosched()
	}
	return ok
}

// The rest is called with mu locked.

// unlock unlocks mu, and starts a feeder if there is work for another: rule 1. One
// for each part of the pool can wait for a worker. More are of use only if the pool
// would not have them wait, and those that are there have not been told of that.
func (q *queue) unlock() {
	first, r := q.front()
	feed := first != nil && (int(q.feeders.Load()) < q.parts || r.prompt())
	if feed {
		q.feeders.Add(1)
	}
	q.mu.Unlock()
	if feed {
		go q.feed()
	}
}

// admit reports whether one more job may wait. Like upstream, MaxBlockingTasks
// counts all that wait. Jobs that are dead do not count.
func (r *route) admit() bool {
	q := r.queue
	if q.blocking == 0 {
		return true
	}
	feeders, served := int(q.feeders.Load()), 0
	if q.lingering.Load() { // it does not wait for the pool, and serves the first
		feeders, served = feeders-1, 1
	}
	others := max(0, r.Waiting()-feeders) - served
	return q.alive()+others < q.blocking
}

// alive returns how many jobs in the queue are not dead. One that has just died may
// count.
func (q *queue) alive() int { return int(q.length.Load() - q.dying.Load()) }

// push queues j for r.
func (r *route) push(j job) {
	j.enter(r)
	r.queue.append(j)
}

func (q *queue) append(j job) {
	if q.first == nil {
		q.first = j
	} else {
		*q.last.next() = j
	}
	q.last = j
	q.length.Add(1)
}

// remove takes out the first job.
func (q *queue) remove() job {
	j := q.first
	q.first = *j.next()
	*j.next() = nil
	if q.first == nil {
		q.last = nil
	}
	q.length.Add(-1)
	return j
}

// release ends what enter began, for a job that was removed. It reports whether the job
// is to be run or refused.
func (q *queue) release(j job) bool {
	wanted := j.leave()
	if !wanted {
		q.dying.Add(-1) // died adds it, maybe later
	}
	return wanted
}

// pop takes out the first job that is not dead and returns it, or nil.
func (q *queue) pop() job {
	for q.first != nil {
		if j := q.remove(); q.release(j) {
			return j
		}
	}
	return nil
}

// front returns the first job that is not dead, and its route, or nil.
func (q *queue) front() (job, *route) {
	for q.first != nil {
		if r := q.first.via(); r != nil {
			return q.first, r
		}
		q.release(q.remove())
	}
	return nil, nil
}

// empty reports whether no job is left that is not dead.
func (q *queue) empty() bool {
	first, _ := q.front()
	return first == nil
}

// died is told of a job in the queue that is dead. Once half of the queue is, it takes
// them out. So that takes constant time for each, and no more of them are kept than
// there are others, and a few. It locks mu itself.
func (q *queue) died() {
	// One more is dead: it counts no more from here on.
	if dead := q.dying.Add(1); 2*dead < q.length.Load()+fewDead {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for n := q.length.Load(); n > 0; n-- {
		if j := q.remove(); j.via() != nil {
			q.append(j)
		} else {
			q.release(j)
		}
	}
}
