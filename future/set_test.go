package future_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// wide are the combinators over many futures of one type.
var wide = map[string]func(fs []future.Future[int]) future.Future[any]{
	"All":    func(fs []future.Future[int]) future.Future[any] { return erase(future.All(fs...)) },
	"Settle": func(fs []future.Future[int]) future.Future[any] { return erase(future.Settle(fs...)) },
	"Race":   func(fs []future.Future[int]) future.Future[any] { return erase(future.Race(fs...)) },
	"Any":    func(fs []future.Future[int]) future.Future[any] { return erase(future.Any(fs...)) },
	"Set": func(fs []future.Future[int]) future.Future[any] {
		var set future.Set[int]
		for _, f := range fs {
			set.Add(f)
		}
		return erase(set.Next())
	},
}

func (ps probes) polls() int {
	n := 0
	for _, p := range ps {
		n += p.Polls()
	}
	return n
}

// One wake among ten thousand is one poll, and wakes the consumer once.
func TestOneWakeIsOnePoll(t *testing.T) {
	const n = 10_000
	for name, build := range wide {
		ps := newProbes(n)
		f := build(ps.futures())
		c := futuretest.NewCounter()
		f.Poll(c.Waker())
		if polls := ps.polls(); polls != n {
			t.Errorf("%s: %d polls at first, want each once", name, polls)
		}
		for i := range 10 {
			ps[i*997].Wake()
			ps[i*997].Wake()
			f.Poll(c.Waker())
			if polls := ps.polls(); polls != n+i+1 || c.Wakes() != i+1 {
				t.Errorf("%s: %d polls and %d wakes after %d children woke", name, polls-n, c.Wakes(), i+1)
			}
		}
		future.Cancel(f)
	}
}

// Wakes of children that a Poll with no waker has found pending are seen by the
// next Poll with one.
func TestPollWithNoWakerLosesNothing(t *testing.T) {
	for name, build := range wide {
		ps := newProbes(3)
		f := build(ps.futures())
		f.Poll(nil)
		ps[1].Wake()
		f.Poll(nil)
		for _, p := range ps {
			p.Resolve(1)
		}
		if _, ready, _ := f.Poll(futuretest.NewCounter().Waker()); !ready {
			t.Errorf("%s: the wakes were lost", name)
		}
	}
}

// A child that wakes itself at each Poll is polled once for each Poll of the
// combinator, and keeps nobody from being polled.
func TestSelfWakingChild(t *testing.T) {
	for name, build := range wide {
		t.Run(name, func(t *testing.T) {
			polls := 0
			selfish := future.Func(func(w *future.Waker) (int, bool, error) {
				polls++
				w.Wake()
				w.Wake()
				return 0, false, nil
			})
			ps := newProbes(2)
			h := futuretest.NewHarness(t, build([]future.Future[int]{ps[0], selfish, ps[1]}))
			for i := range 10 {
				h.Pending()
				if polls != i+1 || h.Wakes() == 0 {
					t.Fatalf("polled %d times by %d Polls", polls, i+1)
				}
				ps[0].Wake()
				ps[1].Wake()
			}
			if ps[0].Polls() != 10 || ps[1].Polls() != 10 {
				t.Errorf("the others were polled %d and %d times, want 10", ps[0].Polls(), ps[1].Polls())
			}
		})
	}
}

func TestSetTakesResultsAsTheyComplete(t *testing.T) {
	ps := newProbes(4)
	var set future.Set[int]
	for _, p := range ps {
		set.Add(p)
	}
	h := futuretest.NewHarness(t, set.Next())
	h.Pending()
	take := func(want future.Result[int]) {
		t.Helper()
		if r, err := once(t, set.Next()); r != want || err != nil {
			t.Errorf("got (%v, %v), want %v", r, err, want)
		}
	}
	ps[2].Resolve(2)
	ps[0].Fail(errTest)
	if h.Wakes() != 1 {
		t.Error("the consumer was not woken once")
	}
	take(future.Result[int]{Value: 2})
	set.Add(future.Ready(9)) // while another result waits
	take(future.Result[int]{Err: errTest})
	take(future.Result[int]{Value: 9})
	if _, ready, _ := set.Next().Poll(nil); ready || set.Len() != 2 {
		t.Errorf("ready: %v with %d futures left, want 2", ready, set.Len())
	}
	ps[1].Resolve(1)
	ps[3].Resolve(3)
	take(future.Result[int]{Value: 1})
	take(future.Result[int]{Value: 3})
	if _, err := once(t, set.Next()); err != future.ErrNoFutures || set.Len() != 0 {
		t.Errorf("error %v with %d futures left", err, set.Len())
	}
}

func TestSetAddWakes(t *testing.T) {
	var set future.Set[int]
	p := futuretest.NewProbe[int]()
	set.Add(p)
	h := futuretest.NewHarness(t, set.Next())
	h.Pending()
	h.Wakes()
	set.Add(future.Ready(1))
	if h.Wakes() != 1 {
		t.Error("Add does not wake a pending Next")
	}
	if r, err := h.Ready(); r.Value != 1 || err != nil {
		t.Errorf("got (%v, %v)", r, err)
	}
	h = futuretest.NewHarness(t, set.Next())
	h.Pending()
	set.Cancel()
	if _, err := h.Run(); err != future.ErrNoFutures || p.Cancels() != 1 {
		t.Errorf("error %v, cancelled %d times", err, p.Cancels())
	}
}

// Who stops waiting does not cancel what he waited for.
func TestSetNextCancelled(t *testing.T) {
	var set future.Set[int]
	p := futuretest.NewProbe[int]()
	set.Add(p)
	c := futuretest.NewCounter()
	next := set.Next()
	next.Poll(c.Waker())
	future.Cancel(next)
	if _, err := once(t, next); err != future.ErrCanceled {
		t.Errorf("got %v", err)
	}
	p.Resolve(1)
	if c.Wakes() != 0 || p.Cancels() != 0 {
		t.Errorf("woken %d times, cancelled %d times", c.Wakes(), p.Cancels())
	}
	if r, _ := once(t, set.Next()); r.Value != 1 {
		t.Errorf("got %v", r)
	}
}

// Of two that wait for the next result the first is told that it does so in vain,
// and takes nothing from the other when it goes.
func TestSetTwoNexts(t *testing.T) {
	p := futuretest.NewProbe[int]()
	var set future.Set[int]
	set.Add(p)
	first, second, third := set.Next(), set.Next(), set.Next()
	one, two := futuretest.NewHarness(t, first), futuretest.NewHarness(t, second)
	one.Pending()
	two.Pending()
	if one.Wakes() != 1 {
		t.Error("the first was not woken")
	}
	future.Cancel(first)
	future.Cancel(third) // nobody has polled it
	if _, err := one.Ready(); err != future.ErrCanceled {
		t.Errorf("the first ends with %v", err)
	}
	p.Resolve(1)
	if r, err := two.Run(); r.Value != 1 || err != nil {
		t.Errorf("the second: %v, %v", r, err)
	}

	set.Add(futuretest.NewProbe[int]())
	set.Add(futuretest.NewProbe[int]())
	if _, err := future.Await(background, future.All(set.Next(), set.Next())); err != future.ErrCanceled {
		t.Errorf("both: %v", err)
	}
}

// A future that panics leaves the set, which goes on.
func TestSetPanic(t *testing.T) {
	var set future.Set[int]
	ps := newProbes(2)
	set.Add(ps[0])
	set.Add(ps[1])
	ps[0].Panic("no")
	h := futuretest.NewHarness(t, set.Next())
	if r := h.Panics(); r != "no" || ps[0].Cancels() != 1 || ps[1].Cancels() != 0 {
		t.Errorf("panicked with %v; cancelled %d and %d times", r, ps[0].Cancels(), ps[1].Cancels())
	}
	ps[1].Resolve(5)
	if r, err := once(t, set.Next()); r.Value != 5 || err != nil || set.Len() != 0 {
		t.Errorf("got (%v, %v), %d left", r, err, set.Len())
	}
}

// Wakes from many goroutines at once: every result comes exactly once.
func TestSetStress(t *testing.T) {
	const producers, each = 8, 300
	var set future.Set[int]
	probes := make([][]*futuretest.Probe[int], producers)
	for i := range probes {
		for range each {
			p := futuretest.NewProbe[int]()
			probes[i] = append(probes[i], p)
			set.Add(p)
		}
	}
	var wg sync.WaitGroup
	for i, ps := range probes {
		wg.Go(func() {
			for j, p := range ps {
				p.Wake()
				if j > 0 {
					ps[j-1].Wake() // late
				}
				p.Resolve(i*each + j)
			}
		})
	}
	sum, extra := 0, 0
	for set.Len() > 0 {
		r, err := future.Await(background, set.Next())
		if err != nil || r.Err != nil {
			t.Fatal(err, r)
		}
		sum += r.Value
		if extra < 1000 { // add while draining
			extra++
			n := r.Value
			set.Add(future.Map(future.Go(func() (int, error) { return n, nil }),
				func(n int) (int, error) { sum -= n; return n, nil }))
		}
	}
	wg.Wait()
	if n := producers * each; sum != n*(n-1)/2 {
		t.Errorf("the results add up to %d, want %d", sum, n*(n-1)/2)
	}
}

// Wide combinators over producers on goroutines, many times.
func TestWideStress(t *testing.T) {
	for range 200 {
		n := 1 + rand.IntN(20)
		vs, err := future.Await(background, future.All(goes(n)...))
		if err != nil || len(vs) != n || !slices.IsSorted(vs) {
			t.Fatal(vs, err)
		}
		if _, err := future.Await(background, future.Race(goes(n)...)); err != nil {
			t.Fatal(err)
		}
		if rs, err := future.Await(background, future.Settle(goes(n)...)); err != nil || rs[n-1].Value != n-1 {
			t.Fatal(rs, err)
		}
		if _, err := future.Await(background, future.Any(goes(n)...)); err != nil {
			t.Fatal(err)
		}
	}
}

func goes(n int) []future.Future[int] {
	fs := make([]future.Future[int], n)
	for i := range fs {
		fs[i] = future.Go(func() (int, error) { return i, nil })
	}
	return fs
}

// Only the first error counts, and what is behind the others learns of it.
func TestAllCancelsProducers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan struct{}, 3)
		fs := []future.Future[int]{future.Failed[int](errTest)}
		for range cap(told) {
			fs = append(fs, future.GoContext(t.Context(), func(ctx context.Context) (int, error) {
				<-ctx.Done()
				told <- struct{}{}
				return 0, fmt.Errorf("late")
			}))
		}
		synctest.Wait()
		if _, err := once(t, future.All(fs...)); err != errTest {
			t.Errorf("got %v", err)
		}
		for range cap(told) {
			<-told
		}
	})
}

// The first bad result cancels the rest: a future of the set does it in its own Poll.
func TestSetCanceledByItsOwn(t *testing.T) {
	for _, add := range []bool{false, true} {
		var s future.Set[int]
		s.Add(future.Map(future.Ready(1), func(v int) (int, error) {
			s.Cancel()
			if add {
				s.Add(future.Ready(2))
			}
			return v, nil
		}))
		rest := new(futuretest.Probe[int])
		s.Add(rest)
		if r, ready, err := s.Next().Poll(nil); !ready || r.Value != 1 || err != nil {
			t.Errorf("its own result: %v, %v, %v", r, ready, err)
		}
		if rest.Cancels() != 1 {
			t.Error("the rest was not cancelled")
		}
		r, ready, err := s.Next().Poll(nil)
		if add && (!ready || r.Value != 2 || err != nil) || !add && err != future.ErrNoFutures || s.Len() != 0 {
			t.Errorf("what is left: %v, %v, %v, and %d futures", r, ready, err, s.Len())
		}
	}
}

// A future of the set takes another one's result in its own Poll: who waits for the set
// is woken all the same, whether that came or was given up.
func TestSetTakenFromByItsOwn(t *testing.T) {
	for _, patience := range []time.Duration{time.Hour, time.Second / 2} {
		synctest.Test(t, func(t *testing.T) {
			var s future.Set[int]
			defer s.Cancel()
			s.Add(future.Then(future.After(time.Second), func(struct{}) future.Future[int] {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_, _ = future.Await(ctx, s.Next())
				return later(time.Second, 1)
			}))
			s.Add(later(2*time.Second, 2))
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if _, err := future.Await(ctx, s.Next()); err != nil || time.Since(began) > 3*time.Second {
				t.Errorf("%v, after %v", err, time.Since(began))
			}
		})
	}
}
