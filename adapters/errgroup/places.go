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
type places struct {
	limit int

	mu    sync.Mutex
	taken int

	// Those that wait. While there are any, taken is limit. Goroutines and tasks
	// each get places in the order in which they asked, and one about the other.
	blocked   int           // goroutines that are to receive from handOver
	handOver  chan struct{} // holds a place for each that has been given one
	suspended []*oneshot.Sender[struct{}]
	turn      bool // of the suspended

	inside map[gid.ID]context.Context // tasks by their goroutines, and what to wait with
}

func newPlaces(limit int) *places {
	return &places{limit: limit, handOver: make(chan struct{}, limit)}
}

// take waits for a place, in the task of ctx by suspending it. If a task inside
// calls it, it does not wait but lends the place of that task, which then has to
// call regain.
func (p *places) take(ctx context.Context) (lent bool) {
	p.mu.Lock()
	if p.taken < p.limit {
		p.taken++
		p.mu.Unlock()
		return false
	}
	if len(p.inside) > 0 {
		if _, lent = p.inside[gid.Current()]; lent {
			p.mu.Unlock()
			return true
		}
	}
	p.wait(ctx)
	return false
}

// regain waits for a place for the calling task, which has lent its own.
func (p *places) regain() {
	p.mu.Lock()
	if p.taken < p.limit {
		p.taken++
		p.mu.Unlock()
		return
	}
	p.wait(p.inside[gid.Current()])
}

// wait waits to be given a place, whether ctx ends or not. It is called with mu
// locked and unlocks it.
func (p *places) wait(ctx context.Context) {
	if future.SuspenderOf(ctx) == nil {
		p.blocked++
		p.mu.Unlock()
		<-p.handOver
		return
	}
	tx, rx := oneshot.New[struct{}]()
	p.suspended = append(p.suspended, tx)
	p.mu.Unlock()
	_, _ = future.Await(context.WithoutCancel(ctx), rx) // something is always sent
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
	for p.blocked > 0 || len(p.suspended) > 0 {
		p.turn = !p.turn
		if p.blocked > 0 && (!p.turn || len(p.suspended) == 0) {
			p.blocked--
			p.handOver <- struct{}{} // whoever has unlocked mu to receive it needs no more
			return true
		}
		if len(p.suspended) > 0 {
			next := p.suspended[0]
			p.suspended[0] = nil
			p.suspended = p.suspended[1:]
			if next.Send(struct{}{}) == nil {
				return true
			}
			// Its Await has ended in a panic or an exit.
		}
	}
	return false
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
