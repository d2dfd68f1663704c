package main

import (
	"container/heap"
	"context"
	"sync"

	"github.com/go-await/await/executor"
)

// A priority executor runs the most urgent of the tasks that are ready, on one
// worker. Tasks of equal priority run in the order in which they became ready.
type priority struct {
	mu    sync.Mutex
	some  sync.Cond // ready has grown, or over was set
	ready readyHeap
	seq   int
	over  bool
	begin sync.Once
	ended chan struct{}
	live  *live
}

func newPriority() *priority {
	p := &priority{ended: make(chan struct{}), live: newLive()}
	p.some.L = &p.mu
	return p
}

// start starts the worker: tasks that were spawned before are all there when it
// first chooses.
func (p *priority) start() { p.begin.Do(func() { go p.work() }) }

// spawnAt runs fn as a task of priority prio; more is more urgent. The priority
// is remembered by the schedule function, which is the task's own, and that of the tasks
// which fn starts: they have the same priority.
func spawnAt[T any](p *priority, prio int, fn func(ctx context.Context) (T, error)) *executor.Handle[T] {
	r, h := executor.NewRunnableFunc(context.Background(), fn, func(r *executor.Runnable) { p.put(r, prio) })
	r.Schedule()
	return h
}

func (p *priority) put(r *executor.Runnable, prio int) {
	if !p.live.add(r) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	heap.Push(&p.ready, readyTask{r, prio, p.seq})
	p.some.Signal()
}

func (p *priority) work() {
	defer close(p.ended)
	for r := p.take(); r != nil; r = p.take() {
		p.live.run(r)
	}
}

// take waits for a task and returns the most urgent one, or nil when it is over.
func (p *priority) take() *executor.Runnable {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.ready) == 0 && !p.over {
		p.some.Wait()
	}
	if len(p.ready) == 0 {
		return nil
	}
	return heap.Pop(&p.ready).(readyTask).run
}

// stop cancels the tasks, waits until they have ended, and ends the worker. A worker that
// was not started is, for the tasks to end on.
func (p *priority) stop() {
	p.start()
	p.live.stop()
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	p.some.Signal()
	<-p.ended
}

// A readyHeap has the task to run next at its root.
type readyHeap []readyTask

type readyTask struct {
	run  *executor.Runnable
	prio int
	seq  int
}

func (h readyHeap) Len() int      { return len(h) }
func (h readyHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h readyHeap) Less(i, j int) bool {
	if h[i].prio != h[j].prio {
		return h[i].prio > h[j].prio
	}
	return h[i].seq < h[j].seq
}
func (h *readyHeap) Push(x any) { *h = append(*h, x.(readyTask)) }
func (h *readyHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = readyTask{}
	*h = (*h)[:last]
	return t
}
