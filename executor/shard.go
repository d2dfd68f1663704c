package executor

import (
	"time"

	"github.com/go-await/await/internal/atomics"
)

// A shard is a part of the register of live tasks: what is needed to cancel them
// all, to list them, and to know when none is left. Tasks are spread over the
// shards by the worker that spawns them, so that workers seldom meet at one lock.
type shard struct {
	exec   *Executor
	number uint64

	mu      atomics.Mutex
	head    *task
	live    int
	spawned uint64
	closed  bool // takes no more tasks
	_       [64]byte
}

// register enters a task that is about to be scheduled by somebody on w, which is
// nil for an outsider. It returns false if the executor takes no more.
func (e *Executor) register(t *task, w *worker) bool {
	var s *shard
	if w != nil {
		s = &e.shards[w.index%e.size]
		t.born = w.clock
	} else {
		s = &e.shards[e.size]
		t.born = int64(time.Since(e.began))
	}
	t.shard = s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.spawned++
	t.id = (s.spawned-1)*uint64(len(e.shards)) + s.number + 1
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
