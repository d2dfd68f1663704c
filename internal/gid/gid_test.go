package gid

import (
	"iter"
	"runtime"
	"sync"
	"testing"

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

func BenchmarkCurrent(b *testing.B) {
	var id ID
	for b.Loop() {
		id = Current()
	}
	if id == 0 {
		b.Fatal("no id")
	}
}
