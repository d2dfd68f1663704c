package errgroup_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
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
		{"error", "an error is the result and fails the group",
			func() (int, error) { return 1, errDoom }, 0, func(err error) bool { return err == errDoom }},
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
	if after := runtime.NumGoroutine(); after != before {
		t.Errorf("%d goroutines, were %d: somebody waits", after, before)
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
