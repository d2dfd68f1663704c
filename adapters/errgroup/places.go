package errgroup

import (
	"context"
	"sync"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// places are what a group with a limit has to give. They are given in the order
// in which they were asked for.
type places struct {
	limit int

	mu    sync.Mutex
	taken int
	queue []*oneshot.Sender[struct{}] // nobody waits while taken < limit
}

// take waits for a place, in a task by suspending it.
func (p *places) take(ctx context.Context) {
	p.mu.Lock()
	if p.taken < p.limit {
		p.taken++
		p.mu.Unlock()
		return
	}
	tx, rx := oneshot.New[struct{}]()
	p.queue = append(p.queue, tx)
	p.mu.Unlock()
	future.Await(ctx, rx) // ctx does not end, and tx is always sent to
}

// tryTake takes a place if there is one.
func (p *places) tryTake() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken >= p.limit {
		return false
	}
	p.taken++
	return true
}

// giveBack hands the place on to the first that waits.
func (p *places) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) > 0 {
		next := p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		if next.Send(struct{}{}) == nil {
			return // the place stays taken
		}
		// Its Await ended in a panic or an exit of the task.
	}
	p.queue = nil
	p.taken--
}

// count returns how many places are taken.
func (p *places) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}
