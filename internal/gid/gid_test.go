package gid

import (
	"fmt"
	"iter"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLiveGoroutinesDiffer(t *testing.T) {
	const n = 100
	ids := make(chan ID, n)
	release := make(chan struct{})
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			ids <- Current()
			<-release
		})
	}
	seen := map[ID]bool{0: true, Current(): true}
	for range n {
		id := <-ids
		if seen[id] {
			t.Errorf("two live goroutines have the id %#x", id)
		}
		seen[id] = true
	}
	close(release)
	wg.Wait()
}

func TestSameAcrossCallsAndStackGrowth(t *testing.T) {
	want := Current()
	var deep func(n int) ID
	deep = func(n int) ID {
		var pad [1024]byte
		if n == 0 {
			runtime.Gosched()
			return Current() + ID(pad[0])
		}
		return deep(n-1) + ID(pad[n%len(pad)])
	}
	if got := deep(1000); got != want {
		t.Errorf("after the stack grew: %#x, before: %#x", got, want)
	}
}

// A coroutine is its own goroutine and stays the same one when another
// goroutine resumes it.
func TestCoroutineKeepsItsID(t *testing.T) {
	next, stop := iter.Pull(func(yield func(ID) bool) {
		for yield(Current()) {
		}
	})
	defer stop()
	first, _ := next()
	if first == Current() {
		t.Fatal("the coroutine has the id of the goroutine that resumes it")
	}
	for range 10 {
		done := make(chan struct{})
		go func() {
			defer close(done)
			if got, _ := next(); got != first || got == Current() {
				t.Errorf("resumed elsewhere: %#x, at first %#x, resumer %#x", got, first, Current())
			}
		}()
		<-done
	}
}

// Current and the number that the runtime prints tell the same goroutines apart, in
// whatever place of a goroutine it is asked.
func TestAgreesWithStack(t *testing.T) {
	type answer struct{ current, stack ID }
	places := []struct {
		name string
		ask  func(yield func(answer))
	}{
		{"at once", func(yield func(answer)) { yield(answer{Current(), stackID()}) }},
		{"after it was moved", func(yield func(answer)) {
			for range 10 {
				runtime.Gosched()
				yield(answer{Current(), stackID()})
			}
		}},
		{"on a thread of its own", func(yield func(answer)) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			yield(answer{Current(), stackID()})
		}},
		{"deep in a stack that has grown", func(yield func(answer)) {
			var deep func(n int) byte
			deep = func(n int) byte {
				var pad [1024]byte
				if n > 0 {
					return deep(n-1) + pad[n]
				}
				yield(answer{Current(), stackID()})
				return pad[0]
			}
			deep(100)
		}},
		{"after a collection", func(yield func(answer)) {
			runtime.GC()
			yield(answer{Current(), stackID()})
		}},
		{"while it panics", func(yield func(answer)) {
			defer func() {
				yield(answer{Current(), stackID()})
				recover()
			}()
			var p *answer
			p.current++
		}},
		{"on this side of a coroutine", func(yield func(answer)) {
			next, stop := iter.Pull(func(yield func(bool) bool) { yield(true) })
			defer stop()
			next()
			yield(answer{Current(), stackID()})
		}},
	}
	const n = 20
	answers := make(chan [2]answer, 1000)
	release := make(chan struct{})
	var asking, wg sync.WaitGroup
	goroutine := func() {
		first := answer{Current(), stackID()}
		for _, place := range places {
			place.ask(func(a answer) {
				if a != first {
					t.Errorf("%s: got %#x, at first %#x", place.name, a, first)
				}
			})
		}
		answers <- [2]answer{first, {Current(), stackID()}}
		asking.Done()
		<-release // so that its number is not used again
	}
	asking.Add(2*n + 1)
	for range n {
		wg.Go(goroutine)
		wg.Go(func() { // the same in a coroutine
			next, stop := iter.Pull(func(yield func(bool) bool) { goroutine() })
			defer stop()
			next()
		})
	}
	wg.Add(1)
	time.AfterFunc(0, func() { defer wg.Done(); goroutine() })
	asking.Wait()
	close(answers)
	byCurrent, byStack := map[ID]ID{}, map[ID]ID{}
	for a := range answers {
		if a[0] != a[1] {
			t.Errorf("at the end: got %#x, at first %#x", a[1], a[0])
		}
		byCurrent[a[0].current], byStack[a[0].stack] = a[0].stack, a[0].current
	}
	if len(byCurrent) != 2*n+1 || len(byStack) != 2*n+1 {
		t.Errorf("%d goroutines: got %d ids of Current and %d of runtime.Stack", 2*n+1, len(byCurrent), len(byStack))
	}
	close(release)
	wg.Wait()
}

func BenchmarkCurrent(b *testing.B) { benchmark(b, Current) }

// BenchmarkStack is what Current costs where there is no assembly.
func BenchmarkStack(b *testing.B) { benchmark(b, stackID) }

func benchmark(b *testing.B, current func() ID) {
	for _, depth := range []int{0, 100, 10_000} {
		b.Run(fmt.Sprint(depth, " frames"), func(b *testing.B) {
			b.ReportAllocs()
			var deep func(n int)
			deep = func(n int) {
				if n > 0 {
					deep(n - 1)
					return
				}
				var id ID
				for b.Loop() {
					id = current()
				}
				if id == 0 {
					b.Fatal("no id")
				}
			}
			deep(depth)
		})
	}
}
