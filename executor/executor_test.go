package executor_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ future.Future[int] = (*executor.Handle[int])(nil)

func TestPingPong(t *testing.T) {
	for _, workers := range []int{1, 2, 4} {
		e := executor.New(executor.WithWorkers(workers))
		type msg struct{}
		const n = 1000
		tx0, rx0 := oneshot.New[msg]()
		_ = tx0
		var hs []*executor.Handle[int]
		for range 10 {
			hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
				sum := 0
				for i := range n {
					tx, rx := oneshot.New[int]()
					h := executor.Go(e, func(ctx context.Context) (int, error) {
						tx.Send(i)
						return i, executor.Yield(ctx)
					})
					v, err := future.Await(ctx, rx)
					if err != nil {
						return 0, err
					}
					w, err := future.Await(ctx, h)
					if err != nil {
						return 0, err
					}
					sum += v + w
				}
				return sum, nil
			}))
		}
		for _, h := range hs {
			v, err := future.Await(context.Background(), h)
			if v != n*(n-1) || err != nil {
				t.Fatal(v, err)
			}
		}
		// pending ones
		p := executor.Go(e, func(ctx context.Context) (msg, error) { return future.Await(ctx, rx0) })
		q := executor.Spawn(e, func() future.Future[int] { _, rx := oneshot.New[int](); return rx }())
		x := executor.Go(e, func(ctx context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		if _, err := future.Await(context.Background(), x); err != future.ErrGoexit {
			t.Error(err)
		}
		x = executor.Go(e, func(ctx context.Context) (int, error) { panic("boo") })
		var pe *future.PanicError
		if _, err := future.Await(context.Background(), x); !errors.As(err, &pe) {
			t.Error(err)
		}
		x = executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) { runtime.Goexit(); return 0, true, nil }))
		if _, err := future.Await(context.Background(), x); err != future.ErrGoexit {
			t.Error(err)
		}
		e.Close()
		if _, err := future.Await(context.Background(), p); !errors.Is(err, executor.ErrClosed) {
			t.Error(err)
		}
		if _, err := future.Await(context.Background(), q); !errors.Is(err, executor.ErrClosed) {
			t.Error(err)
		}
	}
}

func TestRun(t *testing.T) {
	n := 0
	v, err := executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		e := executor.FromContext(ctx)
		var hs []*executor.Handle[int]
		for range 100 {
			hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
				for range 10 {
					n++
					executor.Yield(ctx)
				}
				return 0, nil
			}))
		}
		for _, h := range hs {
			future.Await(ctx, h)
		}
		executor.Go(e, func(ctx context.Context) (int, error) {
			return future.Await(ctx, future.Func(func(*future.Waker) (int, bool, error) { return 0, false, nil }))
		})
		return n, nil
	})
	if v != 1000 || err != nil {
		t.Fatal(v, err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	boo := errors.New("boo")
	go cancel(boo)
	_, err = executor.Run(ctx, func(ctx context.Context) (int, error) {
		_, rx := oneshot.New[int]()
		return future.Await(ctx, rx)
	})
	if err != boo {
		t.Fatal(err)
	}
}

type runnerFunc func(func()) error

func (f runnerFunc) Submit(g func()) error { return f(g) }

func TestRunner(t *testing.T) {
	sem := make(chan struct{}, 1)
	e := executor.New(executor.WithRunner(runnerFunc(func(f func()) error {
		sem <- struct{}{}
		go func() { defer func() { <-sem }(); f() }()
		return nil
	})), executor.WithWorkers(3))
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		return future.Await(ctx, executor.Go(e, func(ctx context.Context) (int, error) { return 3, executor.Yield(ctx) }))
	})
	if v, err := future.Await(context.Background(), h); v != 3 || err != nil {
		t.Fatal(v, err)
	}
	e.Close()
	full := errors.New("full")
	e = executor.New(executor.WithRunner(runnerFunc(func(f func()) error { return full })))
	h = executor.Go(e, func(ctx context.Context) (int, error) { return 3, executor.Yield(ctx) })
	if v, err := future.Await(context.Background(), h); err != full {
		t.Fatal(v, err)
	}
	e.Close()
}
