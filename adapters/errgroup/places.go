package errgroup

import (
	"context"
	"math"
	"sync"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/gid"
	"github.com/go-await/await/oneshot"
)

// places are what a group with a limit has to give.
//
// A task that calls Go from inside the group has a place already, and would wait
// for ever if all the others did the same. But while it waits it does not use its
// place: it lends it to the new function, which starts at once, and waits for
// another. So no more than limit are active at any time, and somebody always is.
//
// The one that gets it is the last that has lent its own. Those before it may have
// begun to await the others: what they await, and what that awaits in turn, has
// lent later, and is served first.
type places struct {
	limit int

	mu    sync.Mutex
	taken int

	// Those that wait. While there are any, taken is limit. Goroutines and tasks
	// get places one about the other, and each in the order in which they asked,
	// but for the tasks that have lent theirs.
	blocked   int                         // goroutines that are to receive from handOver
	handOver  chan struct{}               // holds a place for each that has been given one; made for the first
	suspended []*oneshot.Sender[struct{}] // tasks
	lenders   []*oneshot.Sender[struct{}] // tasks that are inside
	turn      bool                        // of the tasks

	inside map[gid.ID]context.Context // tasks by their goroutines, and what to wait with
}

// A loan is the place that a task has lent, and for which it has asked another, or
// the zero loan.
type loan struct {
	ctx   context.Context // of the task
	place *oneshot.Receiver[struct{}]
}

// regain waits for the other place.
func (l loan) regain() {
	if l.place != nil {
		await(l.ctx, l.place)
	}
}

// await waits for a place that is given to a task, whether ctx ends or not.
func await(ctx context.Context, place *oneshot.Receiver[struct{}]) {
	_, _ = future.Await(context.WithoutCancel(ctx), place) // something is always sent
}

// take waits for a place, in a task by suspending it. If a task inside calls it, it
// does not wait but lends the place of that task.
func (p *places) take(ctx context.Context) (lent loan) {
	p.mu.Lock()
	if p.taken < p.limit {
		p.taken++
		p.mu.Unlock()
		return lent
	}
	if len(p.inside) > 0 {
		if ctx, ok := p.inside[gid.Current()]; ok {
			// It is asked for now, and not by regain: before those do that
			// are asked for by what the place is lent to.
			tx, rx := oneshot.New[struct{}]()
			p.lenders = append(p.lenders, tx)
			p.mu.Unlock()
			return loan{ctx, rx}
		}
	}
	p.wait(ctx)
	return lent
}

// wait waits to be given a place. It is called with mu locked and unlocks it.
func (p *places) wait(ctx context.Context) {
	if !inTask(ctx) {
		p.blocked++
		if p.handOver == nil {
			p.handOver = make(chan struct{}, p.limit)
		}
		handOver := p.handOver
		p.mu.Unlock()
		<-handOver
		return
	}
	tx, rx := oneshot.New[struct{}]()
	p.suspended = append(p.suspended, tx)
	p.mu.Unlock()
	await(ctx, rx)
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

// giveBack gives a place to one that waits, or back.
func (p *places) giveBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pass() {
		p.taken--
	}
}

// lift gives a place to everybody, from now on.
func (p *places) lift() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = math.MaxInt
	for p.pass() {
		p.taken++
	}
}

// pass gives a place to one that waits, and reports whether there was one. It is
// called with mu locked.
func (p *places) pass() bool {
	for {
		tasks := len(p.lenders) + len(p.suspended)
		p.turn = !p.turn
		switch {
		case p.blocked > 0 && (!p.turn || tasks == 0):
			p.blocked--
			p.handOver <- struct{}{} // whoever has unlocked mu to receive it needs no more
			return true
		case tasks == 0:
			return false
		case p.nextTask().Send(struct{}{}) == nil:
			return true
		}
		// The task's Await has ended in a panic or an exit.
	}
}

// nextTask takes out the task whose turn it is. It is called with mu locked.
func (p *places) nextTask() (next *oneshot.Sender[struct{}]) {
	if last := len(p.lenders) - 1; last >= 0 {
		next, p.lenders[last] = p.lenders[last], nil
		p.lenders = p.lenders[:last]
	} else {
		next, p.suspended[0] = p.suspended[0], nil
		p.suspended = p.suspended[1:]
	}
	return next
}

// join notes that the calling goroutine runs a task that is inside, and waits with
// ctx.
func (p *places) join(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inside == nil {
		p.inside = make(map[gid.ID]context.Context)
	}
	p.inside[gid.Current()] = ctx
}

// part takes back what join noted.
func (p *places) part() {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.inside, gid.Current())
}

// count returns how many places are taken.
func (p *places) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}
