package bench

import (
	"iter"
	"sync"
	"sync/atomic"
	"testing"
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
	requests chan *parking
}

func (p *parking) Lock()   {}
func (p *parking) Unlock() { p.requests <- p }

// floorAsk is a request over a channel and a bare park, ended by the one who is
// asked.
func floorAsk(b *testing.B) {
	requests := make(chan *parking)
	go func() {
		for p := range requests {
			p.cond.Signal()
		}
	}()
	p := &parking{requests: requests}
	p.cond.L = p
	for b.Loop() {
		p.cond.Wait()
	}
	close(requests)
}

// twoSwitches returns a bare coroutine.
func twoSwitches() (next func(), stop func()) {
	n, s := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	return func() { n() }, s
}
