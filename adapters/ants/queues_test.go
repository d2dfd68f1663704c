package ants

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/oneshot"
)

func one() (int, error) { return 1, nil }

func newPool(t *testing.T, size int, opts ...ants.Option) *ants.Pool {
	t.Helper()
	p, err := ants.NewPool(size, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p
}

// known returns the number of queues in the table.
func known() (n int) {
	queues.Range(func(any, any) bool { n++; return true })
	return n
}

// collected reports whether done holds after some garbage collections.
func collected(done func() bool) bool {
	for range 100 {
		if done() {
			return true
		}
		runtime.GC()
		time.Sleep(time.Millisecond) // for what the collection has called
	}
	return done()
}

// A tenant is a pool for one caller.
type tenant struct {
	*ants.Pool
	id []byte
}

// Of wrappers that are made for a call nothing is kept while their pool is used, and
// they do not add to the table.
func TestWrappersAreLetGo(t *testing.T) {
	p := newPool(t, 2)
	before := known()
	const n = 2000
	wrappers := make([]weak.Pointer[tenant], n)
	for i := range wrappers {
		w := &tenant{p, make([]byte, 1024)}
		wrappers[i] = weak.Make(w)
		if v, err := Submit(w, one).Recv(); v != 1 || err != nil {
			t.Fatalf("call %d: got %v, %v", i, v, err)
		}
	}
	if got := known() - before; got > 1 {
		t.Errorf("got %d more queues for %d wrappers of one pool, want 1", got, n)
	}
	kept := 0
	none := func() bool {
		if _, err := Submit(p, one).Recv(); err != nil { // p is in use
			t.Error(err)
		}
		kept = 0
		for _, w := range wrappers {
			if w.Value() != nil {
				kept++
			}
		}
		return kept == 0
	}
	if !collected(none) {
		t.Errorf("got %d wrappers that are kept, want 0", kept)
	}
}

// A pool that was used is let go with its queue, whether it was released or not, and
// whether other pools are used after it or not.
func TestUnusedPoolsAreLetGo(t *testing.T) {
	const n = 20
	var pools []weak.Pointer[ants.Pool]
	var unreleased []*ants.Pool
	use := func(size int, opts ...ants.Option) {
		p, err := ants.NewPool(size, opts...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Submit(p, one).Recv(); err != nil {
			t.Error(err)
		}
		pools = append(pools, weak.Make(p))
		if len(pools)%2 == 0 {
			p.Release()
		} else {
			unreleased = append(unreleased, p)
		}
	}
	for range n {
		use(1)
		use(-1)
		use(1, ants.WithNonblocking(true))
	}
	if !collected(func() bool { return known() == 0 }) {
		t.Errorf("got %d queues of pools that are not used any more, want 0", known())
	}
	for _, p := range unreleased { // their own goroutines would keep them
		p.Release()
	}
	unreleased = nil
	kept := 0
	if !collected(func() bool {
		kept = 0
		for _, p := range pools {
			if p.Value() != nil {
				kept++
			}
		}
		return kept == 0
	}) {
		t.Errorf("got %d pools of %d that are kept, want 0", kept, len(pools))
	}
}

// While something is queued the queue stays, through any number of collections.
func TestQueueInUseStays(t *testing.T) {
	p := newPool(t, 1)
	gate := make(chan struct{})
	held := Submit(p, func() (int, error) { <-gate; return 1, nil })
	queued := Submit(p, one)
	q := weak.Make(queueOf("", p))
	for range 5 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if got := queueOf("", p); got != q.Value() {
		t.Errorf("got a second queue for a pool with something in the first")
	}
	close(gate)
	for i, rx := range []*oneshot.Receiver[int]{held, queued} {
		if v, err := rx.Recv(); v != 1 || err != nil {
			t.Errorf("call %d: got %v, %v, want 1, nil", i, v, err)
		}
	}
}

// A counting is a pool of another tenant, whose calls are counted, and refused
// from some time on.
type counting struct {
	*ants.Pool
	calls   atomic.Int32
	refuses atomic.Bool
}

var errTenant = errors.New("no more calls for this tenant")

func (c *counting) Submit(task func()) error {
	c.calls.Add(1)
	if c.refuses.Load() {
		return errTenant
	}
	return c.Pool.Submit(task)
}

// Calls that find a worker free go through the Submit they were given with. What is
// queued asks for a worker by that of the first in the queue.
func TestWrapperSubmits(t *testing.T) {
	p := newPool(t, 2)
	a, b := &counting{Pool: p}, &counting{Pool: p}
	gate := make(chan struct{})
	wait := func() (int, error) { <-gate; return 1, nil }
	rxs := []*oneshot.Receiver[int]{Submit(a, wait), Submit(b, wait)}
	if x, y := a.calls.Load(), b.calls.Load(); x != 1 || y != 1 {
		t.Errorf("got %d and %d calls of the wrappers' Submit for workers that are free, want 1 and 1", x, y)
	}
	rxs = append(rxs, Submit(a, one), Submit(b, one))
	for p.Waiting() < 1 {
		runtime.Gosched()
	}
	if x, y := a.calls.Load(), b.calls.Load(); x != 2 || y != 1 {
		t.Errorf("got %d and %d calls of the wrappers' Submit for a queue, want 2 and 1", x, y)
	}
	close(gate)
	for i, rx := range rxs {
		if v, err := rx.Recv(); v != 1 || err != nil {
			t.Errorf("call %d: got %v, %v, want 1, nil", i, v, err)
		}
	}
}

// What one wrapper's Submit refuses is refused to the calls of that wrapper.
func TestWrapperRefusesItsOwn(t *testing.T) {
	p := newPool(t, 1)
	a, b := &counting{Pool: p}, &counting{Pool: p}
	gate := make(chan struct{})
	held := Submit(p, func() (int, error) { <-gate; return 1, nil })
	a.refuses.Store(true)
	refused, queued := Submit(a, one), Submit(b, one)
	if _, err := refused.Recv(); err != errTenant {
		t.Errorf("the wrapper that refuses: got %v, want %v", err, errTenant)
	}
	close(gate)
	for i, rx := range []*oneshot.Receiver[int]{held, queued} {
		if v, err := rx.Recv(); v != 1 || err != nil {
			t.Errorf("another, %d: got %v, %v, want 1, nil", i, v, err)
		}
	}
}

// A full is a pool of other people's making, which blocks like those of ants.
type full struct {
	*ants.PoolWithFuncGeneric[func()]
}

func (f *full) Submit(task func()) error { return f.Invoke(task) }

// All that embed one pool have its queue.
func TestWrappersShareTheQueue(t *testing.T) {
	type gauged interface {
		Pool
		gauge
	}
	type deep struct{ tenant }
	type deeper struct{ *deep }
	type dynamic struct{ gauged }
	type byValue struct{ ants.Pool }
	type odd struct {
		*ants.Pool
		//lint:ignore U1000 a pool that is not embedded
		other *ants.Pool
	}
	p, other := newPool(t, 1), newPool(t, 1)
	m, err := ants.NewMultiPool(2, 1, ants.RoundRobin)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.ReleaseTimeout(time.Second) }()
	type multiTenant struct{ *ants.MultiPool }
	of, err := ants.NewPoolWithFuncGeneric(1, func(task func()) { task() })
	if err != nil {
		t.Fatal(err)
	}
	defer of.Release()
	custom := &full{of}
	type around struct{ *full }
	tests := []struct {
		name string
		p    Pool
		want gauge
	}{
		{"the pool", p, p},
		{"another", other, other},
		{"a pointer", &tenant{Pool: p}, p},
		{"two deep", &deep{tenant{Pool: p}}, p},
		{"three deep, a value", deeper{&deep{tenant{Pool: p}}}, p},
		{"an interface", &dynamic{p}, p},
		{"an interface with a wrapper", &dynamic{&deep{tenant{Pool: p}}}, p},
		{"beside another", &odd{p, other}, p},
		{"several pools", m, m},
		{"several pools, embedded", &multiTenant{m}, m},
		{"a pool with a function", custom, of},
		{"around that", &around{custom}, of},
	}
	for _, tc := range tests {
		if got := routeOf("", tc.p); got == nil || got.queue.owner != tc.want {
			t.Errorf("%s: got %+v, want the queue of %p", tc.name, got, tc.want)
		}
	}
	x, y := routeOf("", &byValue{*p}), routeOf("", &byValue{*p})
	if x == nil || y == nil || x.queue != y.queue {
		t.Errorf("embedded by value: got %v and %v, want one queue", x, y)
	}
}
