package bench

import (
	"iter"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/go-await/await/future"
)

// sink keeps what a floor allocates from being optimized away.
var sink any

// threeWords is as large as a oneshot channel for an int.
type threeWords struct {
	a, b atomic.Pointer[int]
	_    int
}

var mark = new(int)

// floorSwitch is a bare coroutine's resume and suspend.
func floorSwitch(b *testing.B) {
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	defer stop()
	for b.Loop() {
		next()
	}
}

// floorSwap is a bare atomic swap.
func floorSwap(b *testing.B) {
	var p atomic.Pointer[int]
	for b.Loop() {
		p.Swap(mark)
	}
}

// floorPark is a hand-over between two goroutines, there and back: each parks
// once and is woken once.
func floorPark(b *testing.B) {
	there, back := make(chan struct{}), make(chan struct{})
	go func() {
		for range there {
			back <- struct{}{}
		}
		close(back)
	}()
	for b.Loop() {
		there <- struct{}{}
		<-back
	}
	close(there)
	<-back
}

// BenchmarkFloor is what the runtime charges for the parts.
func BenchmarkFloor(b *testing.B) {
	contest{
		{"floor:swap", floorSwap},
		{"floor:coroutine-switch-and-back", floorSwitch},
		{"floor:park-and-back", floorPark},
	}.run(b)
}

// A result is the least that can be handed on as the result of a goroutine of its
// own: an object, which somebody waits for.
type result struct {
	fn    func() (int, error)
	wg    *sync.WaitGroup
	value int
	err   error
}

func (r *result) run() {
	r.value, r.err = r.fn()
	r.wg.Done()
}

// floorResults starts n goroutines that each write a result of their own, waits
// for all and gathers the values.
func floorResults(b *testing.B, n int) {
	for b.Loop() {
		rs := make([]any, n)
		var wg sync.WaitGroup
		wg.Add(n)
		for i := range rs {
			r := &result{fn: func() (int, error) { return i, nil }, wg: &wg}
			rs[i] = r
			go r.run()
		}
		wg.Wait()
		vs := make([]int, n)
		for i, r := range rs {
			vs[i] = r.(*result).value
		}
		sink = vs
	}
}

// A parking is a condition without a mutex, which sends itself as the request once
// it holds its ticket.
type parking struct {
	cond     sync.Cond
	requests chan<- *parking
}

func (p *parking) Lock()   {}
func (p *parking) Unlock() { p.requests <- p }

// floorAsk is a request over a channel and a bare park, ended by the one who is
// asked.
func floorAsk(b *testing.B) {
	p := &parking{requests: server(b, func(p *parking) { p.cond.Signal() })}
	p.cond.L = p
	for b.Loop() {
		p.cond.Wait()
	}
}

// twoSwitches returns a bare coroutine.
func twoSwitches() (next func(), stop func()) {
	n, s := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	return func() { n() }, s
}

// A chore is the least task that others may look at: it is listed while it lives,
// queued until somebody takes it, has a state that a wake may change, a way to be
// cancelled, and a result that anybody may wait for. It is as large as a task of
// an executor.
type chore struct {
	prev, next, link *chore
	state            atomic.Uint32
	future           future.Future[int]
	result           atomic.Pointer[int]
	claim            atomic.Pointer[int]
	value            int
	_                [5]int // why it was cancelled, its number, when it was born, polls, a name
}

// floorTasks starts n chores, runs them and takes their results, all by one
// goroutine: without workers, and without a switch.
func floorTasks(b *testing.B, n int) {
	var listed, queued sync.Mutex
	var live, head, tail *chore
	for b.Loop() {
		cs := make([]*chore, n)
		for i := range cs {
			c := &chore{future: future.Ready(1)}
			c.state.Store(1)
			listed.Lock()
			if c.next = live; live != nil {
				live.prev = c
			}
			live = c
			listed.Unlock()
			queued.Lock()
			if tail == nil {
				head = c
			} else {
				tail.link = c
			}
			tail = c
			queued.Unlock()
			cs[i] = c
		}
		for _, c := range cs {
			c.result.CompareAndSwap(nil, awaited)
		}
		for {
			queued.Lock()
			c := head
			if c == nil {
				queued.Unlock()
				break
			}
			if head, c.link = c.link, nil; head == nil {
				tail = nil
			}
			queued.Unlock()
			c.state.CompareAndSwap(1, 2)
			v, _, _ := c.future.Poll(nil)
			c.future = nil
			listed.Lock()
			if c.prev != nil {
				c.prev.next = c.next
			} else {
				live = c.next
			}
			if c.next != nil {
				c.next.prev = c.prev
			}
			c.prev, c.next = nil, nil
			listed.Unlock()
			c.state.Swap(3)
			c.claim.CompareAndSwap(nil, mark)
			c.value = v
			c.result.Swap(mark)
		}
		vs := make([]int, n)
		for i, c := range cs {
			if c.result.CompareAndSwap(mark, awaited) {
				vs[i] = c.value
			}
		}
		sink = vs
	}
}

var awaited = new(int)
