package future_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// A settler is a Probe that is a future.Settler: it wakes by the calls of its
// test on its current waker only.
type settler struct {
	*futuretest.Probe[int]
	waker atomic.Pointer[future.Waker]
}

func newSettlers(n int) []*settler {
	ss := make([]*settler, n)
	for i := range ss {
		ss[i] = &settler{Probe: futuretest.NewProbe[int]()}
	}
	return ss
}

func (s *settler) Settles() any               { return s }
func (s *settler) Holds(w *future.Waker) bool { return s.waker.Load() == w }

func (s *settler) Poll(w *future.Waker) (int, bool, error) {
	s.waker.Store(w)
	return s.Probe.Poll(nil)
}

func (s *settler) current() *future.Waker { return s.waker.Load() }

func (s *settler) resolve(v int) {
	s.Resolve(v)
	s.current().Settle(false)
}

func (s *settler) fail() {
	s.Fail(errTest)
	s.current().Settle(true)
}

// All is woken when all settlers have settled, and not once for each.
func TestAllOfSettlers(t *testing.T) {
	ss := newSettlers(3)
	h := futuretest.NewHarness(t, future.All[int](ss[0], ss[1], ss[2]))
	h.Pending()
	h.Pending()
	ss[2].resolve(2)
	ss[0].resolve(0)
	h.Pending()
	if n := h.Wakes(); n != 0 {
		t.Errorf("woken %d times while one is pending", n)
	}
	if ss[0].Polls() != 1 || ss[1].Polls() != 1 {
		t.Errorf("polled %d and %d times, want once", ss[0].Polls(), ss[1].Polls())
	}
	ss[1].resolve(1)
	if n := h.Wakes(); n != 1 {
		t.Errorf("woken %d times when all have settled", n)
	}
	if vs, err := h.Ready(); err != nil || !slices.Equal(vs, []int{0, 1, 2}) {
		t.Errorf("got %v, %v", vs, err)
	}
	if ss[0].Polls() != 2 {
		t.Errorf("polled %d times, want twice", ss[0].Polls())
	}
}

// An error of a settler is seen at once by All, and in its turn by Settle.
func TestFailedSettler(t *testing.T) {
	ss := newSettlers(3)
	h := futuretest.NewHarness(t, future.All[int](ss[0], ss[1], ss[2]))
	h.Pending()
	ss[2].resolve(2)
	ss[1].fail()
	if n := h.Wakes(); n != 1 {
		t.Errorf("All was woken %d times by an error", n)
	}
	if _, err := h.Ready(); err != errTest || ss[0].Cancels() != 1 || ss[1].Cancels() != 0 {
		t.Errorf("got %v; cancelled %d and %d times", err, ss[0].Cancels(), ss[1].Cancels())
	}
	ss[0].resolve(0) // late

	ss = newSettlers(2)
	g := futuretest.NewHarness(t, future.Settle[int](ss[0], ss[1]))
	g.Pending()
	ss[1].fail()
	if n := g.Wakes(); n != 0 {
		t.Errorf("Settle was woken %d times by an error", n)
	}
	ss[0].resolve(1)
	if n := g.Wakes(); n != 1 {
		t.Errorf("Settle was woken %d times", n)
	}
	if rs, err := g.Ready(); err != nil || rs[0].Value != 1 || rs[1].Err != errTest {
		t.Errorf("got %v, %v", rs, err)
	}
}

// A settler that does not say how it ended is polled as any other future.
func TestSettlerThatWakes(t *testing.T) {
	ss := newSettlers(2)
	h := futuretest.NewHarness(t, future.All[int](ss[0], ss[1]))
	h.Pending()
	ss[1].Fail(errTest)
	ss[1].current().Wake()
	if _, err := h.Ready(); err != errTest || h.Wakes() != 1 || ss[0].Cancels() != 1 {
		t.Errorf("got %v after %d wakes; the other was cancelled %d times", err, h.Wakes(), ss[0].Cancels())
	}
}

// Settlers next to futures that need to be polled, in one All.
func TestSettlersAndOthers(t *testing.T) {
	ss, ps := newSettlers(2), newProbes(2)
	h := futuretest.NewHarness(t, future.All[int](ps[0], ss[0], ps[1], ss[1]))
	h.Pending()
	ss[1].resolve(3)
	ps[1].Wake()
	h.Pending()
	if n := h.Wakes(); n != 1 || ps[1].Polls() != 2 || ps[0].Polls() != 1 || ss[1].Polls() != 1 {
		t.Errorf("%d wakes, and not the polls that they ask for", n)
	}
	ss[0].resolve(1)
	h.Pending()
	ps[0].Resolve(0)
	h.Pending()
	if h.Wakes() != 2 {
		t.Error("not woken by the last of the settlers and by a probe")
	}
	ps[1].Resolve(2)
	if vs, err := h.Ready(); err != nil || !slices.Equal(vs, []int{0, 1, 2, 3}) {
		t.Errorf("got %v, %v", vs, err)
	}
}

// What is ready at the first Poll, and what settles during it, is not waited
// for.
func TestSettlersAtOnce(t *testing.T) {
	ss := newSettlers(2)
	ss[0].Resolve(0)
	h := futuretest.NewHarness(t, future.All[int](ss[0], ss[1]))
	h.Pending()
	ss[1].resolve(1)
	if h.Wakes() != 1 {
		t.Error("not woken")
	}
	h.Ready()

	ss = newSettlers(1)
	during := future.Func(func(w *future.Waker) (int, bool, error) { return 1, true, nil })
	quick := &quickSettler{settler: ss[0]}
	if _, ready, err := future.All[int](quick, during).Poll(nil); !ready || err != nil {
		t.Errorf("what has settled during the first pass is waited for: %v", err)
	}
}

// A quickSettler settles as soon as its first Poll has left a waker.
type quickSettler struct{ *settler }

func (q *quickSettler) Settles() any { return q }

func (q *quickSettler) Poll(w *future.Waker) (int, bool, error) {
	v, ready, err := q.settler.Poll(w)
	if !ready {
		q.resolve(1)
	}
	return v, ready, err
}

// A settler that does not keep to its word costs Polls, but no wake is lost.
func TestSettlerThatLies(t *testing.T) {
	ss := newSettlers(3)
	h := futuretest.NewHarness(t, future.All[int](ss[0], ss[1], ss[2]))
	h.Pending()
	ss[0].current().Wake() // spurious
	if h.Wakes() != 1 {
		t.Error("a plain wake was swallowed")
	}
	h.Pending()
	ss[0].resolve(0)
	for range 3 {
		ss[0].current().Settle(false) // again and again
	}
	if h.Wakes() == 0 {
		t.Error("too many settled, and no wake")
	}
	h.Pending()
	ss[1].resolve(1)
	ss[2].resolve(2)
	if h.Wakes() == 0 {
		t.Error("the last wake was lost")
	}
	h.Ready()
}

func TestSettlersCancelled(t *testing.T) {
	ss, ps := newSettlers(3), newProbes(1)
	h := futuretest.NewHarness(t, future.All[int](ss[0], ps[0], ss[1], ss[2]))
	ss[1].Resolve(1)
	h.Pending()
	h.Cancel()
	h.Cancel()
	if ss[0].Cancels() != 1 || ss[1].Cancels() != 0 || ss[2].Cancels() != 1 || ps[0].Cancels() != 1 {
		t.Error("not all that was pending was cancelled once")
	}
	ss[0].current().Settle(true) // late
	if h.Wakes() != 0 {
		t.Error("woken after the end")
	}

	ss = newSettlers(3)
	ss[1].Panic("no")
	h = futuretest.NewHarness(t, future.All[int](ss[0], ss[1], ss[2]))
	if r := h.Panics(); r != "no" || ss[0].Cancels() != 1 || ss[1].Cancels() != 1 || ss[2].Cancels() != 1 {
		t.Errorf("panicked with %v, and not all were cancelled once", r)
	}
}

// A hundred goroutines are one wake.
func TestAllOfGoroutinesWakesOnce(t *testing.T) {
	start := make(chan struct{})
	fs := make([]future.Future[int], 100)
	for i := range fs {
		fs[i] = future.Go(func() (int, error) { <-start; return i, nil })
	}
	h := futuretest.NewHarness(t, future.All(fs...))
	h.Pending()
	close(start)
	if vs, err := h.Run(); err != nil || vs[99] != 99 {
		t.Errorf("got %v, %v", vs, err)
	}
	if n := h.Wakes(); n != 1 {
		t.Errorf("woken %d times, want once", n)
	}
	failed := future.All(future.Go(func() (int, error) { return 0, errTest }), future.Never[int]())
	if _, err := future.Await(background, failed); !errors.Is(err, errTest) {
		t.Errorf("got %v", err)
	}
}

// A negated is a reply of which some values are errors. It has the methods of a
// settler by embedding one.
type negated struct{ *settler }

func (n *negated) Poll(w *future.Waker) (int, bool, error) {
	v, ready, err := n.settler.Poll(w)
	if ready && err == nil && v < 0 {
		err = errTest
	}
	return v, ready, err
}

// A retried asks once more if the first reply is negative, and so wakes twice.
type retried struct {
	*settler
	again func() *settler
}

func (r *retried) Poll(w *future.Waker) (int, bool, error) {
	v, ready, err := r.settler.Poll(w)
	if ready && err == nil && v < 0 && r.again != nil {
		r.settler, r.again = r.again(), nil
		return r.settler.Poll(w)
	}
	return v, ready, err
}

// A type that embeds a settler is polled like any other future: what its Poll
// makes of the settler's result counts.
func TestEmbeddingASettlerIsNoSettler(t *testing.T) {
	ss := newSettlers(2)
	h := futuretest.NewHarness(t, future.All[int](&negated{ss[0]}, ss[1]))
	h.Pending()
	ss[0].resolve(-1)
	if n := h.Wakes(); n != 1 {
		t.Errorf("woken %d times by the embedded settler, want once", n)
	}
	if _, err := h.Ready(); err != errTest || ss[1].Cancels() != 1 {
		t.Errorf("got %v with %d cancels, want %v and the other canceled", err, ss[1].Cancels(), errTest)
	}

	ss = newSettlers(3)
	other := ss[2]
	asked := false
	h = futuretest.NewHarness(t, future.All[int](&retried{ss[0], func() *settler { asked = true; return ss[1] }}, other))
	h.Pending()
	ss[0].resolve(-1)
	h.Pending()
	if !asked {
		t.Fatal("the second stage was never begun")
	}
	other.resolve(2)
	ss[1].resolve(1)
	if vs, err := h.Ready(); err != nil || !slices.Equal(vs, []int{1, 2}) {
		t.Errorf("got %v, %v, want [1 2]", vs, err)
	}
}

// An uncomparable is a Settler that == cannot be applied to.
type uncomparable struct {
	*settler
	_ []int
}

func (u uncomparable) Settles() any { return u }

func TestUncomparableSettlerIsPolled(t *testing.T) {
	ss := newSettlers(1)
	h := futuretest.NewHarness(t, future.All[int](uncomparable{settler: ss[0]}))
	h.Pending()
	ss[0].resolve(1)
	if vs, err := h.Ready(); err != nil || !slices.Equal(vs, []int{1}) {
		t.Errorf("got %v, %v, want [1]", vs, err)
	}
}

// A counting target takes part in the protocol of settlers by public names only.
type countingTarget struct{ wakes, settled, failed int }

func (c *countingTarget) OnWake() { c.wakes++ }

func (c *countingTarget) OnSettle(failed bool) {
	c.settled++
	if failed {
		c.failed++
	}
}

func TestSettleReachesAForeignTarget(t *testing.T) {
	c := new(countingTarget)
	var w future.Waker
	w.Init(c)
	w.Settle(false)
	w.Settle(true)
	w.Wake()
	if *c != (countingTarget{wakes: 1, settled: 2, failed: 1}) {
		t.Errorf("got %+v, want one wake and two settled, of which one failed", *c)
	}
	(*future.Waker)(nil).Settle(true)
}
