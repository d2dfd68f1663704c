package errgroup_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errDoom = errors.New("doom")

func ExampleGo() {
	g, ctx := errgroup.WithContext(context.Background())
	price := errgroup.Go(g, func() (int, error) { return 40, nil })
	stock := errgroup.Go(g, func() (bool, error) { return true, nil })

	p, err := future.Await(ctx, price)
	fmt.Println(p, err)
	if err := g.Wait(); err != nil {
		fmt.Println(err)
	}
	s, err := stock.TryRecv() // after Wait every result is there
	fmt.Println(s, err)
	// Output:
	// 40 <nil>
	// true <nil>
}

func ExampleDo() {
	g, ctx := errgroup.WithContext(context.Background())
	warm := errgroup.Do(g, func() error { return nil })
	g.Go(func() error {
		if _, err := future.Await(ctx, warm); err != nil {
			return err
		}
		fmt.Println("the cache is warm")
		return nil
	})
	fmt.Println(g.Wait())
	// Output:
	// the cache is warm
	// <nil>
}

func ExampleWithContext() {
	g, ctx := errgroup.WithContext(context.Background())
	g.Go(func() error { return errors.New("out of luck") })
	g.Go(func() error { <-ctx.Done(); return ctx.Err() })
	fmt.Println(g.Wait())
	fmt.Println(context.Cause(ctx))
	// Output:
	// out of luck
	// out of luck
}

func ExampleGroup_SetLimit() {
	var g errgroup.Group
	g.SetLimit(1)
	for i := range 3 {
		g.Go(func() error { fmt.Println(i); return nil }) // waits for the one before
	}
	fmt.Println(g.Wait())
	// Output:
	// 0
	// 1
	// 2
	// <nil>
}

func TestGoOutcomes(t *testing.T) {
	tests := []struct {
		name   string
		reason string
		fn     func() (int, error)
		want   int
		err    func(error) bool
	}{
		{"value", "the usual case",
			func() (int, error) { return 1, nil }, 1, func(err error) bool { return err == nil }},
		{"error", "an error comes with the value beside it, and fails the group",
			func() (int, error) { return 1, errDoom }, 1, func(err error) bool { return err == errDoom }},
		{"panic", "somebody awaits the result: it need not crash the program",
			func() (int, error) { panic(errDoom) }, 0, func(err error) bool {
				var p *future.PanicError
				return errors.As(err, &p) && p.Value == any(errDoom) && errors.Is(err, errDoom) && len(p.Stack) > 0
			}},
		{"goexit", "a result that cannot come is an error",
			func() (int, error) { runtime.Goexit(); return 1, nil }, 0, func(err error) bool { return err == future.ErrGoexit }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			g, ctx := errgroup.WithContext(t.Context())
			rx := errgroup.Go(g, tc.fn)
			werr := g.Wait()
			v, err := rx.TryRecv()
			if v != tc.want || !tc.err(err) {
				t.Errorf("%s: result %v, %v", tc.reason, v, err)
			}
			if werr != err {
				t.Errorf("Wait: %v, result: %v", werr, err)
			}
			want := werr
			if want == nil {
				want = context.Canceled
			}
			if got := context.Cause(ctx); got != want {
				t.Errorf("cause of the group's context: %v, want %v", got, want)
			}
		})
	}
}

func TestTryGoAtTheLimit(t *testing.T) {
	var g errgroup.Group
	g.SetLimit(1)
	release := make(chan struct{})
	rx, ok := errgroup.TryGo(&g, func() (int, error) { <-release; return 1, nil })
	if !ok {
		t.Fatal("no place in an empty group")
	}
	if rx, ok := errgroup.TryGo(&g, func() (int, error) { return 2, nil }); ok || rx != nil {
		t.Errorf("at the limit: %v, %v", rx, ok)
	}
	close(release)
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if v, err := rx.TryRecv(); v != 1 || err != nil {
		t.Errorf("result: %v, %v", v, err)
	}
}

func TestLimitIsKept(t *testing.T) {
	const limit, n = 3, 500
	var g errgroup.Group
	g.SetLimit(limit)
	var active, over atomic.Int32
	for i := range n {
		fn := func() error {
			if active.Add(1) > limit {
				over.Add(1)
			}
			runtime.Gosched()
			active.Add(-1)
			return nil
		}
		if i%2 == 0 {
			g.Go(fn)
		} else {
			errgroup.Go(&g, func() (int, error) { return i, fn() })
		}
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	if over.Load() != 0 {
		t.Errorf("more than %d active, %d times", limit, over.Load())
	}
}

func TestWaitFuture(t *testing.T) {
	g, ctx := errgroup.WithContext(t.Context())
	release := make(chan struct{})
	g.Go(func() error { <-release; return errDoom })
	futures := []future.Future[struct{}]{g.WaitFuture(), g.WaitFuture()}
	before := runtime.NumGoroutine()
	for i, f := range futures {
		if _, ready, _ := f.Poll(nil); ready {
			t.Errorf("%d is ready while a function is active", i)
		}
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, want at most the %d before", after, before)
	}
	future.Cancel(g.WaitFuture()) // one that nobody awaits is in nobody's way
	close(release)
	for i, f := range futures {
		if _, err := future.Await(t.Context(), f); err != errDoom {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := context.Cause(ctx); got != errDoom {
		t.Errorf("cause: %v", got)
	}
	if _, ready, err := g.WaitFuture().Poll(nil); !ready || err != errDoom {
		t.Errorf("after the end: %v, %v", ready, err)
	}
}

// A group may be used again after a Wait. A function of the time before, which
// is just leaving, does not end a wait of the time after.
func TestUsedAgain(t *testing.T) {
	var g errgroup.Group
	for i := range 200 {
		g.Go(func() error { return nil })
		for {
			if _, ready, _ := g.WaitFuture().Poll(nil); ready {
				break // active is 0, but the function may not have left yet
			}
			if runtime.GOMAXPROCS(0) == 1 {
				runtime.Gosched() // else the function waits for the end of a time slice
			}
		}
		var done atomic.Bool
		g.Go(func() error {
			runtime.Gosched()
			done.Store(true)
			return nil
		})
		if _, err := future.Await(t.Context(), g.WaitFuture()); err != nil || !done.Load() {
			t.Fatalf("round %d: %v, and done is %v", i, err, done.Load())
		}
	}
}

// What is misused says so at once, and the group is as it was.
func TestMisuse(t *testing.T) {
	type group = errgroup.Group
	tests := []struct {
		name, reason string
		limit        int
		active       bool
		misuse       func(g *group)
	}{
		{"Go of nil", "nobody could call it", 1, false,
			func(g *group) { errgroup.Go[int](g, nil) }},
		{"TryGo of nil", "not even at the limit, so that it is found early", 0, false,
			func(g *group) { errgroup.TryGo[int](g, nil) }},
		{"GoTask of nil", "nobody could call it", 1, false,
			func(g *group) { errgroup.GoTask[int](g, newExecutor(t, 1), nil) }},
		{"GoTask on nil", "a task that did not come to be would be waited for", 1, false,
			func(g *group) { errgroup.GoTask(g, nil, func(context.Context) (int, error) { return 1, nil }) }},
		{"SetLimit with a limit", "the places are in use", 2, true,
			func(g *group) { g.SetLimit(1) }},
		{"SetLimit without a limit", "what is active has no place, and would give one back", -1, true,
			func(g *group) { g.SetLimit(1) }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var g group
			g.SetLimit(tc.limit)
			hold := make(chan struct{})
			if tc.active {
				g.Go(func() error { <-hold; return nil })
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("no panic: %s", tc.reason)
					}
				}()
				tc.misuse(&g)
			}()
			close(hold)
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
			g.SetLimit(1) // panics if something is thought to be active
			rx := errgroup.Go(&g, func() (int, error) { return 1, nil })
			if v, err := rx.Recv(); v != 1 || err != nil {
				t.Errorf("%v, %v", v, err)
			}
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A limit may be lifted while functions wait for a place: upstream allows it, but
// leaves those waiting.
func TestLimitIsLifted(t *testing.T) { synctest.Test(t, limitIsLifted) }

func limitIsLifted(t *testing.T) {
	e := newExecutor(t, 1)
	g, _ := errgroup.WithContext(t.Context())
	g.SetLimit(1)
	hold := make(chan struct{})
	wait := func() error { <-hold; return nil }
	g.Go(wait)
	var added atomic.Int32
	goroutine := future.Go(func() (int, error) {
		for range 3 {
			g.Go(wait)
			added.Add(1)
		}
		return 0, nil
	})
	task := executor.Go(e, func(ctx context.Context) (int, error) {
		inner, _ := errgroup.WithContext(ctx)
		inner.SetLimit(1)
		inner.Go(wait)
		f := future.Map(future.After(0), func(struct{}) (int, error) { inner.SetLimit(-1); return 0, nil })
		h := executor.Spawn(e, f)
		inner.Go(wait) // is suspended until then
		added.Add(1)
		_, err := future.Await(ctx, h)
		return 0, errors.Join(err, inner.Wait())
	})
	var more []future.Future[int]
	for range 3 {
		more = append(more, future.Go(func() (int, error) { g.Go(wait); added.Add(1); return 0, nil }))
	}
	synctest.Wait()
	g.SetLimit(-1)
	synctest.Wait()
	if n := added.Load(); n != 7 {
		t.Errorf("%d of 7 have a place", n)
	}
	close(hold)
	for _, f := range more {
		if _, err := future.Await(t.Context(), f); err != nil {
			t.Error(err)
		}
	}
	for _, f := range []future.Future[int]{goroutine, task} {
		if _, err := future.Await(t.Context(), f); err != nil {
			t.Error(err)
		}
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	g.SetLimit(2) // panics if a place was not given back
}

// Waits that were given up are not kept until the group ends.
func TestWaitFutureGivenUp(t *testing.T) {
	var g errgroup.Group
	hold := make(chan struct{})
	g.Go(func() error { <-hold; return nil })
	kept := g.WaitFuture()
	var collected atomic.Int32
	const n = 1000
	for range n {
		f := g.WaitFuture()
		runtime.AddCleanup(f.(*oneshot.Receiver[struct{}]), func(struct{}) { collected.Add(1) }, struct{}{})
		future.Cancel(f)
	}
	for collected.Load() < n*9/10 {
		runtime.GC()
	}
	close(hold)
	if _, err := future.Await(t.Context(), kept); err != nil {
		t.Error(err)
	}
}
