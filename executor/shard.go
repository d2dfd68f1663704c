package executor

import (
	"time"

	"github.com/go-await/await/internal/atomics"
)

// A shard is a part of the register of live tasks: what is needed to cancel them
// all, to list them, and to know when none is left.
//
// Each worker enters what it spawns into shards of its own, in turns: so a worker
// that has taken tasks away from it, and takes them out of the register, seldom
// meets it at one lock. Outsiders have a shard together.
type shard struct {
	exec *Executor

	mu      atomics.Mutex
	head    *task
	live    int
	spawned uint64
	closed  bool     // takes no more tasks
	_       [16]byte // fills a cache line
}

const (
	shardsPerWorker = 4
	// shardTurn is how many tasks a worker enters into one shard before it goes
	// on to the next.
	shardTurn = 64
)

// A registrar gives a worker shards and identities for the tasks that it spawns.
type registrar struct {
	shards []shard // the worker's
	turn   int     // of which shard it is
	left   int     // tasks until the turn is over
	id     uint64  // of the last task
}

// next returns a shard and an identity for a task. The identities of a turn are
// reserved at its beginning.
func (r *registrar) next(e *Executor) (*shard, uint64) {
	if r.left == 0 {
		r.left = shardTurn
		r.turn = (r.turn + 1) % len(r.shards)
		r.id = e.lastID.Add(shardTurn) - shardTurn
	}
	r.left--
	r.id++
	return &r.shards[r.turn], r.id
}

// makeShards makes the register, with so many shards for each worker.
func (e *Executor) makeShards(perWorker int) {
	e.shards = make([]shard, perWorker*e.size+1)
	for i := range e.shards {
		e.shards[i].exec = e
	}
	e.openShards.Store(int64(len(e.shards)))
}

// shardsOf returns the shards of the worker with that index. Spare workers share
// those of the others.
func (e *Executor) shardsOf(index int) []shard {
	n := (len(e.shards) - 1) / e.size
	return e.shards[index%e.size*n:][:n]
}

// register enters a task that is about to be scheduled by somebody on w, which is
// nil for an outsider. It returns false if the executor takes no more.
func (e *Executor) register(t *task, w *worker) bool {
	if w != nil {
		t.shard, t.id = w.registrar.next(e)
		t.born = w.clock
	} else {
		t.shard, t.id = &e.shards[len(e.shards)-1], e.nextID()
		t.born = int64(time.Since(e.began))
	}
	s := t.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.spawned++
	s.live++
	t.next = s.head
	if t.next != nil {
		t.next.prev = t
	}
	s.head = t
	return true
}

// unregister removes a task whose last poll has returned.
func (t *task) unregister() {
	s := t.shard
	s.mu.Lock()
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		s.head = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
	s.live--
	last := s.closed && s.live == 0
	s.mu.Unlock()
	if last {
		s.exec.shardDrained()
	}
}

// close makes the shard take no more tasks.
func (s *shard) close() {
	s.mu.Lock()
	last := !s.closed && s.live == 0
	s.closed = true
	s.mu.Unlock()
	if last {
		s.exec.shardDrained()
	}
}

// tasks returns the live tasks.
func (s *shard) tasks() []*task {
	s.mu.Lock()
	defer s.mu.Unlock()
	ts := make([]*task, 0, s.live)
	for t := s.head; t != nil; t = t.next {
		ts = append(ts, t)
	}
	return ts
}

// shardDrained is called once by each shard that is closed and empty.
func (e *Executor) shardDrained() {
	if e.openShards.Add(-1) == 0 {
		e.stopped.Store(1) // seen by workers before they rest
		close(e.drained)
	}
}
