package executor

import (
	"time"

	"github.com/go-await/await/future"
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
	admits  admission
	_       [16]byte // fills a cache line
}

// An admission says which tasks an executor takes.
//
//	everyone ── Shutdown ──▶ children ── Close, end of a Shutdown's context ──▶ none
//
// An executor that is shut down takes the children of its live tasks: a task that
// is to end by itself may need them for that.
type admission uint8

const (
	everyone admission = iota // → children, none
	children                  // → none
	none
)

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
	e.open.Store(int64(len(e.shards)))
}

// shardsOf returns the shards of the worker with that index. Spare workers share
// those of the others.
func (e *Executor) shardsOf(index int) []shard {
	n := (len(e.shards) - 1) / e.size
	return e.shards[index%e.size*n:][:n]
}

// register enters a task that is about to be scheduled by a goroutine on w, which is
// nil for an outsider. It returns false if the executor does not take the task.
func (e *Executor) register(t *task, w *worker) bool {
	if w != nil {
		t.shard, t.id = w.registrar.next(e)
		t.born = w.clock
	} else {
		t.shard, t.id = &e.shards[len(e.shards)-1], e.nextID()
		t.born = int64(time.Since(e.began))
	}
	return t.shard.enter(t, everyone) || e.registerChild(t, w)
}

// registerChild enters a task into an executor that has been shut down, if the task
// is a child of a live one: started by its code, in its scope, or with a context that
// descends from its own. The parent is live as long as this call lasts, so that a
// shard is found that is not drained.
func (e *Executor) registerChild(t *task, w *worker) bool {
	if w == nil && !t.hasLiveParent(e) && !e.ownsCaller() {
		return false
	}
	for i := range e.shards {
		t.shard = &e.shards[i]
		if t.shard.enter(t, children) {
			return true
		}
	}
	return false
}

// hasLiveParent reports whether the task is in a group, or its context descends from
// that of a live task of e. It is asked while the group is live.
func (t *task) hasLiveParent(e *Executor) bool {
	x := t.extra
	if x == nil || x.parent == nil {
		return x != nil && x.ended != nil
	}
	f, ok := future.SuspenderOf(x.parent).(*fiber)
	return x.ended != nil || ok && f.task.shard != nil && f.task.shard.exec == e && !f.task.state.isEnded()
}

// enter enters a task, whose shard it is, and reports whether it takes it: a shard that admits
// everyone does, and one that admits children takes children, if it is not drained.
func (s *shard) enter(t *task, as admission) bool {
	s.mu.Lock()
	if s.admits > as || as == children && s.live == 0 {
		s.mu.Unlock()
		return false
	}
	s.spawned++
	s.live++
	t.next = s.head
	if t.next != nil {
		t.next.prev = t
	}
	s.head = t
	s.mu.Unlock()
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
	last := s.admits != everyone && s.live == 0
	s.mu.Unlock()
	if last {
		s.exec.release()
	}
}

// close makes the shard take no other tasks than those. A shard that does not admit
// everyone and has no live task is drained: it stays empty.
func (s *shard) close(to admission) {
	s.mu.Lock()
	last := s.admits == everyone && s.live == 0
	s.admits = max(s.admits, to)
	s.mu.Unlock()
	if last {
		s.exec.release()
	}
}

// size returns the number of live tasks.
func (s *shard) size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live
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

// release is called once by each shard that is drained, and by visitors that leave.
func (e *Executor) release() {
	// 0: the last. No task lives, and so no visitor can come.
	if e.open.Add(-1) == 0 {
		e.stopped.Store(1) // seen by workers before they rest
		e.whenOver()
	}
}
