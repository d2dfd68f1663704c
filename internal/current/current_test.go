package current

import (
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-await/await/internal/gid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestGoroutineFindsItselfOnly(t *testing.T) {
	if got := Get(); got != nil {
		t.Fatalf("before Set: got %v, want nil", got)
	}
	var e Entry
	Set(&e, "mine")
	if got := Get(); got != "mine" {
		t.Errorf("after Set: got %v, want mine", got)
	}
	other := make(chan any)
	go func() { other <- Get() }()
	if got := <-other; got != nil {
		t.Errorf("on another goroutine: got %v, want nil", got)
	}
	Remove(&e)
	if got := Get(); got != nil {
		t.Errorf("after Remove: got %v, want nil", got)
	}
}

// Goroutines come and go while the table grows, is full of removed entries, and
// shrinks again: each always finds what it runs.
func TestGoroutinesComeAndGo(t *testing.T) {
	var table Table
	const workers, rounds, kept = 8, 500, 40
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			base := gid.ID((w + 1) << 24) // numbers of its own, as if of as many goroutines
			var entries [kept]*Entry
			for n := range rounds {
				id := func(n int) gid.ID { return base + gid.ID(n%(3*kept))*64 }
				if old := entries[n%kept]; old != nil {
					table.Remove(old)
					if got := table.Get(id(n - kept)); got != nil {
						t.Errorf("after Remove: got %v, want nil", got)
					}
				}
				e := new(Entry)
				entries[n%kept] = e
				table.Set(id(n), e, n)
				for back := range min(n+1, kept) {
					if got := table.Get(id(n - back)); got != n-back {
						t.Errorf("got %v, want %d", got, n-back)
					}
				}
			}
			for _, e := range entries {
				table.Remove(e)
			}
		})
	}
	wg.Wait()
	if !table.IsEmpty() {
		t.Errorf("%d entries are left, want none", table.count.Load())
	}
	if n := len(*table.slots.Load()); n > 4*4*workers*kept {
		t.Errorf("%d slots for %d entries at most", n, workers*kept)
	}
}

func TestAllocations(t *testing.T) {
	var table Table
	var e Entry
	table.Set(1, &e, "x")
	table.Remove(&e)
	if n := testing.AllocsPerRun(20, func() {
		table.Set(1, &e, "x")
		table.Get(1)
		table.Remove(&e)
	}); n != 0 {
		t.Errorf("Set, Get and Remove allocate %v times, want 0", n)
	}
}

func BenchmarkGet(b *testing.B) {
	b.Run("empty", func(b *testing.B) {
		for b.Loop() {
			Get()
		}
	})
	b.Run("others", func(b *testing.B) {
		var e Entry
		done, ready := make(chan struct{}), make(chan struct{})
		go func() {
			Set(&e, "x")
			close(ready)
			<-done
			Remove(&e)
			close(ready)
		}()
		<-ready
		ready = make(chan struct{})
		for b.Loop() {
			Get()
		}
		close(done)
		<-ready
	})
}
