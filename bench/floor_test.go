package bench

import (
	"iter"
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

// twoSwitches returns a bare coroutine.
func twoSwitches() (next func(), stop func()) {
	n, s := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	return func() { n() }, s
}
