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
	own      route // of the pool itself
	direct   bool  // the pool never blocks: the queue is not used
	multi    multi // nil if the pool is a single one
	parts    int   // how many pools it consists of
	blocking int   // MaxBlockingTasks of all parts, 0 for no limit

	starting  atomic.Int32 // submissions that may be taking a free worker now
	length    atomic.Int32 // jobs in the queue; changed under mu
	feeders   atomic.Int32 // changed under mu; if the pool would have a feeder wait, parts at most
	lingering atomic.Bool  // one of the feeders is a worker that lingers; changed under mu

	mu          sync.Mutex
	first, last job
	refusals    int // since the last prune
}

// pruned is how many queued jobs are looked at for a refusal.
const pruned = 64

// A job is what a worker does for one receiver.
//
// It is taken once, by the worker that runs it or the refusal that is first: what comes
// later finds nothing to do.
type job interface {
	run()                  // sends the result
	refuse(err error) bool // sends err instead, and reports whether it was the first to take the job
	unwanted() bool        // reports whether the receiver is closed
	next() *job            // links the queue
}

// link is what a job needs to be queued.
type link struct{ following job }

func (l *link) next() *job { return &l.following }

// A routed job is one in the queue that has come by another route than the pool's
// own.
type routed struct {
	job
	link
	route *route
}

func (j *routed) next() *job { return j.link.next() }

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
	q.trim()
	r.push(j)
	q.unlock()
}

// catch gives j to the worker that lingers, and reports whether there was one that
// had no job yet.
func (r *route) catch(j job) bool {
	q := r.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.lingering.Load() || q.first != nil || r.IsClosed() {
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
	if q.first == nil || r.IsClosed() {
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
	first := q.first
	if first == nil {
		q.feeders.Add(-1)
		q.mu.Unlock()
		return false
	}
	r := q.routeOf(first)
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
				report(err)
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
		if q.first == first {
			refused = q.pop()
		}
		again = q.first != nil
	} // else a part has too many waiting, and another feeder waits for a part
	if !again {
		q.feeders.Add(-1)
	}
	q.mu.Unlock()
	if refused != nil {
		refused.refuse(err)
	}
	return again
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
	return int(r.queue.length.Load()) > own || r.wanted()
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
	ok := q.first == nil && q.feeders.Load() == 0 && !r.wanted()
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
	feed := q.first != nil && (int(q.feeders.Load()) < q.parts || q.routeOf(q.first).prompt())
	if feed {
		q.feeders.Add(1)
	}
	q.mu.Unlock()
	if feed {
		go q.feed()
	}
}

// admit reports whether one more job may wait. Like upstream, MaxBlockingTasks
// counts all that wait. Jobs whose receivers are closed make room: at once if the
// queue is short, and after some refusals if it is long, since a pool that is
// overloaded is not to spend its time with a search for them.
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
	if int(q.length.Load())+others >= q.blocking {
		if q.refusals++; q.refusals*pruned >= int(q.length.Load()) {
			q.refusals = 0
			q.prune()
		}
	}
	return int(q.length.Load())+others < q.blocking
}

// prune takes out the jobs whose receivers are closed.
func (q *queue) prune() {
	j := q.first
	q.first, q.last = nil, nil
	q.length.Store(0)
	for j != nil {
		following := *j.next()
		*j.next() = nil
		if !j.unwanted() {
			q.push(j)
		}
		j = following
	}
}

// trim drops the first job if its receiver is closed, for one that is to be added.
// So a queue for which no worker comes does not grow for ever with those of callers
// that have given up.
func (q *queue) trim() {
	if q.first != nil && q.first.unwanted() {
		q.pop()
	}
}

// push queues j for r.
func (r *route) push(j job) {
	if r != &r.queue.own {
		j = &routed{job: j, route: r}
	}
	r.queue.push(j)
}

// routeOf returns the route of a job that is queued.
func (q *queue) routeOf(j job) *route {
	if j, ok := j.(*routed); ok {
		return j.route
	}
	return &q.own
}

func (q *queue) push(j job) {
	if q.first == nil {
		q.first = j
	} else {
		*q.last.next() = j
	}
	q.last = j
	q.length.Add(1)
}

// pop returns the first job, or nil.
func (q *queue) pop() job {
	j := q.first
	if j == nil {
		return nil
	}
	q.first = *j.next()
	*j.next() = nil
	if q.first == nil {
		q.last = nil
	}
	q.length.Add(-1)
	return j
}
