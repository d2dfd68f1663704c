package future_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
	"github.com/go-await/await/internal/budget"
)

// What things may allocate, at most.
func TestAllocations(t *testing.T) {
	budget.Check(t)
	w := futuretest.NewCounter().Waker()
	always := new(reusable)
	pending := future.Never[int]()
	inc := func(n int) (int, error) { return n + 1, nil }
	fs := make([]future.Future[int], 100)
	for i := range fs {
		fs[i] = pending
	}
	shared := future.Share(pending)
	shared.Poll(w)
	var set future.Set[int]
	set.Add(pending)
	waiting := set.Next()
	all := future.All(fs...)
	all.Poll(w)
	chain := future.Map(future.Map(pending, inc), inc)
	timeout := future.Timeout(pending, time.Hour)
	timeout.Poll(w)
	defer future.Cancel(timeout)
	nothing := func(int) {}
	tests := []struct {
		name   string
		budget float64
		run    func()
		reason string
	}{
		{"Await of a ready future", 0, func() { future.Await[int](background, always) }, "no waker is needed"},
		{"Map", 1, func() { future.Map(pending, inc) }, "a stage is one object"},
		{"Then", 1, func() { future.Then(pending, func(int) future.Future[int] { return pending }) }, "a stage is one object"},
		{"Catch", 1, func() { future.Catch(pending, func(err error) (int, error) { return 0, err }) }, "a stage is one object"},
		{"Finally", 1, func() { future.Finally(pending, func() {}) }, "a stage is one object"},
		{"ten Maps", 10, func() {
			f := pending
			for range 10 {
				f = future.Map(f, inc)
			}
		}, "one object for each stage"},
		{"Poll of a chain", 0, func() { chain.Poll(w) }, "the waker is passed on"},
		{"All of 100", 2, func() { future.All(fs...) }, "one for itself and one for all the children"},
		{"Poll of All", 0, func() { all.Poll(w) }, "nothing was woken"},
		{"Race of 100", 2, func() { future.Race(fs...) }, "one for itself and one for all the children"},
		{"Select2", 1, func() { future.Select2(pending, pending) }, "it passes the waker on"},
		{"Select4", 5, func() { future.Select4(pending, pending, pending, pending) }, "one and one for each part"},
		{"OrElse", 1, func() { future.OrElse(pending, func(error) future.Future[int] { return pending }) }, "a stage is one object"},
		{"Owned", 1, func() { future.Owned(pending, nothing) }, "one object"},
		{"Borrow", 1, func() { future.Borrow(pending) }, "one object"},
		{"Join2", 3, func() { future.Join2(pending, pending) }, "one and one for each part"},
		{"Timeout, ready at once", 1, func() { future.Timeout[int](always, time.Hour).Poll(w) }, "no timer is started"},
		{"Timeout, pending and canceled", 5, func() {
			f := future.Timeout(future.Never[int](), time.Hour)
			f.Poll(w)
			future.Cancel(f)
		}, "itself and its source, a timer and two functions"},
		{"Poll of Timeout", 0, func() { timeout.Poll(w) }, "the timer is there"},
		{"Clone", 1, func() { shared.Clone() }, "a clone is one object"},
		{"Poll of Shared", 0, func() { shared.Poll(w) }, "it is registered"},
		{"Set: Add and take", 3, func() {
			set.Add(always)
			set.Next().Poll(w)
		}, "the child, and Next twice"},
		{"Poll of Next", 0, func() { waiting.Poll(w) }, "nothing was woken"},
		{"Lazy", 1, func() { future.Lazy(func() future.Future[int] { return pending }) }, "one object"},
	}
	for _, test := range tests {
		if n := testing.AllocsPerRun(100, test.run); n > test.budget {
			t.Errorf("%s: %v allocations, want at most %v: %s", test.name, n, test.budget, test.reason)
		}
	}
}

// A pending combinator of ten thousand holds at most 100 bytes for each child,
// beyond the child.
func TestMemoryOfPendingChildren(t *testing.T) {
	budget.Check(t)
	const n = 10_000
	ps := make([]future.Future[int], n)
	for i := range ps {
		ps[i] = future.Never[int]()
	}
	w := futuretest.NewCounter().Waker()
	for name, build := range wide {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		f := build(ps)
		f.Poll(w)
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(f)
		if bytes := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / n; bytes > 100 {
			t.Errorf("%s: %d bytes for each child, want at most 100", name, bytes)
		} else {
			t.Logf("%s: %d bytes for each child", name, bytes)
		}
	}
	runtime.KeepAlive(ps)
}
