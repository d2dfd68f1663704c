package await_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"
	"go.uber.org/goleak"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A scene is played between the making and the end of an executor and a pool, both
// with two workers.
type scene struct {
	*testing.T
	tasks *executor.Executor
	pool  *ants.Pool
}

// expect checks what a receive or an await came to.
func (s scene) expect(v int, err error, want int, wantErr error) {
	s.Helper()
	if v != want || !errors.Is(err, wantErr) {
		s.Errorf("got %v, %v, want %v, %v", v, err, want, wantErr)
	}
}

// get awaits f on this goroutine.
func (s scene) get(f future.Future[int]) (int, error) {
	return future.Await(context.Background(), f)
}

// waiting starts a task that awaits f, and returns once it does so.
func (s scene) waiting(f future.Future[int]) *executor.Handle[int] {
	polled := make(chan struct{})
	h := executor.Go(s.tasks, func(ctx context.Context) (int, error) {
		return future.Await(ctx, future.Lazy(func() future.Future[int] {
			close(polled)
			return f
		}))
	})
	<-polled
	return h
}

// busy makes a worker of the pool wait until its receiver goes, and returns once
// it does.
func (s scene) busy() *oneshot.Receiver[int] {
	started := make(chan struct{})
	rx := antsx.SubmitContext(context.Background(), s.pool, func(ctx context.Context) (int, error) {
		close(started)
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	<-started
	return rx
}

func one() (int, error) { return 1, nil }

func panics() (int, error) { panic(errDoom) }

func exits() (int, error) {
	runtime.Goexit()
	return 0, nil
}

// task makes fn a function of a task.
func task(fn func() (int, error)) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return fn() }
}

var scenes = []struct {
	name string
	play func(s scene)
}{
	// A message arrives, in every direction.
	{"goroutine to task", func(s scene) {
		tx, rx := oneshot.New[int]()
		h := s.waiting(rx)
		go tx.Send(1)
		v, err := s.get(h)
		s.expect(v, err, 1, nil)
	}},
	{"task to goroutine", func(s scene) {
		tx, rx := oneshot.New[int]()
		executor.Go(s.tasks, func(ctx context.Context) (int, error) {
			return 0, errors.Join(executor.Yield(ctx), tx.Send(1))
		})
		v, err := rx.Recv()
		s.expect(v, err, 1, nil)
	}},
	{"task to task", func(s scene) {
		tx, rx := oneshot.New[int]()
		h := s.waiting(rx)
		executor.Spawn(s.tasks, future.Func(func(*future.Waker) (int, bool, error) {
			return 0, true, tx.Send(1)
		}))
		v, err := s.get(h)
		s.expect(v, err, 1, nil)
	}},
	{"ants to task", func(s scene) {
		v, err := s.get(s.waiting(antsx.Submit(s.pool, one)))
		s.expect(v, err, 1, nil)
	}},
	{"task to ants", func(s scene) {
		v, err := antsx.Submit(s.pool, func() (int, error) {
			return s.get(executor.Go(s.tasks, task(one)))
		}).Recv()
		s.expect(v, err, 1, nil)
	}},
	{"errgroup to task", func(s scene) {
		var g errgroup.Group
		v, err := s.get(s.waiting(errgroup.Go(&g, one)))
		s.expect(v, err, 1, nil)
		s.expect(0, g.Wait(), 0, nil)
	}},
	{"task to errgroup", func(s scene) {
		g, ctx := errgroup.WithContext(context.Background())
		rx := errgroup.Go(g, func() (int, error) {
			return future.Await(ctx, executor.Go(s.tasks, task(one)))
		})
		_, err := future.Await(context.Background(), g.WaitFuture())
		s.expect(0, err, 0, nil)
		v, err := rx.TryRecv()
		s.expect(v, err, 1, nil)
	}},

	// The receiver goes away, or the sender does.
	{"receiver closed, task sends", func(s scene) {
		tx, rx := oneshot.New[int]()
		h := s.waiting(future.Map(tx.Closed(), func(struct{}) (int, error) { return 0, tx.Send(1) }))
		rx.Close()
		v, err := s.get(h)
		s.expect(v, err, 0, oneshot.ErrClosed)
	}},
	{"receiver closed, worker works", func(s scene) {
		rx := s.busy()
		rx.Close()
		v, err := rx.TryRecv()
		s.expect(v, err, 0, oneshot.ErrClosed)
	}},
	{"receiver closed, call queued", func(s scene) {
		busy := []*oneshot.Receiver[int]{s.busy(), s.busy()}
		antsx.Submit(s.pool, func() (int, error) {
			s.Error("called, although nobody waited")
			return 0, nil
		}).Close()
		after := antsx.Submit(s.pool, one)
		for _, rx := range busy {
			rx.Close()
		}
		v, err := after.Recv()
		s.expect(v, err, 1, nil)
	}},
	{"receivers dropped", func(s scene) {
		for range 10 {
			antsx.Submit(s.pool, one)
			executor.Go(s.tasks, task(one))
			future.Go(one)
			tx, _ := oneshot.New[int]()
			s.expect(0, tx.Send(1), 0, nil) // it was not closed
		}
	}},
	{"sender closed", func(s scene) {
		tx, rx := oneshot.New[int]()
		h := s.waiting(rx)
		s.expect(0, tx.Close(), 0, nil)
		v, err := s.get(h)
		s.expect(v, err, 0, oneshot.ErrDisconnected)
	}},
	{"sender dropped", func(s scene) {
		_, rx := oneshot.NewGuarded[int]()
		h := s.waiting(rx)
		for !h.Done() {
			runtime.GC()
		}
		v, err := s.get(h)
		s.expect(v, err, 0, oneshot.ErrDisconnected)
	}},

	// A task is cancelled: while it waits, as straight-line code and as a future,
	// and before it begins.
	{"task cancelled", func(s scene) {
		tx, rx := oneshot.New[int]()
		h := s.waiting(rx)
		h.CancelCause(errDoom)
		v, err := s.get(h)
		s.expect(v, err, 0, errDoom)
		s.expect(0, tx.Send(1), 0, oneshot.ErrClosed)
	}},
	{"polled task cancelled", func(s scene) {
		tx, rx := oneshot.New[int]()
		h := executor.Spawn(s.tasks, rx)
		h.CancelCause(errDoom)
		v, err := s.get(h)
		s.expect(v, err, 0, errDoom)
		s.expect(0, tx.Send(1), 0, oneshot.ErrClosed)
	}},
	{"tasks cancelled before they begin", func(s scene) {
		e := antsx.NewExecutor(s.pool)
		defer e.Close()
		busy := []*oneshot.Receiver[int]{s.busy(), s.busy()}
		h := executor.Go(e, task(one))
		h.CancelCause(errDoom)
		for _, rx := range busy {
			rx.Close() // to end, too, a task needs a worker
		}
		v, err := s.get(h)
		s.expect(v, err, 0, errDoom)
	}},
	{"task that awaits a worker cancelled", func(s scene) {
		rx := s.busy()
		h := s.waiting(rx)
		h.Cancel() // reaches the worker's context
		v, err := s.get(h)
		s.expect(v, err, 0, future.ErrCanceled)
	}},
	{"task that cancels itself in a defer", func(s scene) {
		var h *executor.Handle[int]
		ready := make(chan struct{})
		h = executor.Go(s.tasks, func(ctx context.Context) (int, error) {
			<-ready
			defer future.Await(ctx, future.Never[int]()) // returns at once
			h.CancelCause(errDoom)
			return future.Await(ctx, future.Never[int]())
		})
		close(ready)
		v, err := s.get(h)
		s.expect(v, err, 0, errDoom)
	}},

	// Somebody has waited long enough.
	{"timeout of a task's future", func(s scene) {
		_, rx := oneshot.New[int]()
		v, err := s.get(s.waiting(future.Timeout(rx, time.Millisecond)))
		s.expect(v, err, 0, future.ErrTimeout)
	}},
	{"timeout of a worker", func(s scene) {
		v, err := s.get(future.Timeout(s.busy(), time.Millisecond))
		s.expect(v, err, 0, future.ErrTimeout)
	}},
	{"timeout of a receive", func(s scene) {
		tx, rx := oneshot.New[int]()
		v, err := rx.RecvTimeout(time.Millisecond)
		s.expect(v, err, 0, oneshot.ErrTimeout)
		s.expect(0, tx.Send(1), 0, nil)
		v, err = rx.Recv()
		s.expect(v, err, 1, nil)
	}},
	{"deadline of a goroutine", func(s scene) {
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errDoom)
		defer cancel()
		v, err := future.Await(ctx, s.waiting(future.Never[int]()))
		s.expect(v, err, 0, errDoom)
	}},
	{"deadline of a task", func(s scene) {
		v, err := s.get(executor.Go(s.tasks, func(ctx context.Context) (int, error) {
			ctx, cancel := context.WithTimeoutCause(ctx, time.Millisecond, errDoom)
			defer cancel()
			return future.Await(ctx, future.Never[int]())
		}))
		s.expect(v, err, 0, errDoom)
	}},
	{"losers of a race", func(s scene) {
		_, rx := oneshot.New[int]()
		v, err := s.get(future.Race[int](rx, s.busy(), s.waiting(future.Never[int]()), future.Ready(1)))
		s.expect(v, err, 1, nil)
	}},
	{"rest of an All", func(s scene) {
		_, rx := oneshot.New[int]()
		all := future.All[int](rx, s.busy(), s.waiting(future.Never[int]()), future.Failed[int](errDoom))
		_, err := future.Await(context.Background(), all)
		s.expect(0, err, 0, errDoom)
	}},
	{"channel that nobody reads", func(s scene) {
		future.Chan(s.waiting(future.Map(future.After(time.Millisecond), func(struct{}) (int, error) { return 1, nil })))
	}},

	// A function does not return.
	{"panic of a task", func(s scene) {
		v, err := s.get(executor.Go(s.tasks, task(panics)))
		s.expect(v, err, 0, errDoom)
	}},
	{"panic of a worker", func(s scene) {
		v, err := s.get(s.waiting(antsx.Submit(s.pool, panics)))
		s.expect(v, err, 0, errDoom)
	}},
	{"panic of a group's function", func(s scene) {
		var g errgroup.Group
		v, err := s.get(s.waiting(errgroup.Go(&g, panics)))
		s.expect(v, err, 0, errDoom)
		s.expect(0, g.Wait(), 0, errDoom)
	}},
	{"Goexit of a task", func(s scene) {
		v, err := s.get(executor.Go(s.tasks, task(exits)))
		s.expect(v, err, 0, future.ErrGoexit)
	}},
	{"Goexit of a worker", func(s scene) {
		v, err := s.get(s.waiting(antsx.Submit(s.pool, exits)))
		s.expect(v, err, 0, future.ErrGoexit)
	}},
	{"Goexit of a goroutine", func(s scene) {
		v, err := s.get(s.waiting(future.Go(exits)))
		s.expect(v, err, 0, future.ErrGoexit)
	}},

	// Everything ends while somebody waits.
	{"executor closed with tasks pending", func(s scene) {
		_, rx := oneshot.New[int]()
		code := s.waiting(future.Never[int]())
		polled := executor.Spawn(s.tasks, rx)
		s.tasks.Close()
		v, err := s.get(code)
		s.expect(v, err, 0, executor.ErrClosed)
		v, err = s.get(polled)
		s.expect(v, err, 0, executor.ErrClosed)
		v, err = s.get(executor.Go(s.tasks, task(one)))
		s.expect(v, err, 0, executor.ErrRefused)
	}},
	{"executor closed with tasks that nobody watches", func(s scene) {
		for range 10 {
			s.waiting(s.waiting(future.Never[int]()))
			executor.Spawn(s.tasks, future.Never[int]())
			executor.Go(s.tasks, func(ctx context.Context) (int, error) { return 0, executor.Yield(ctx) })
		}
	}},
	{"executor shut down", func(s scene) {
		tx, rx := oneshot.New[int]()
		h := s.waiting(rx)
		time.AfterFunc(time.Millisecond, func() { tx.Send(1) })
		s.expect(0, s.tasks.Shutdown(context.Background()), 0, nil)
		v, err := s.get(h)
		s.expect(v, err, 1, nil)
	}},
	{"executor shut down in vain", func(s scene) {
		h := s.waiting(future.Never[int]())
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Millisecond, errDoom)
		defer cancel()
		s.expect(0, s.tasks.Shutdown(ctx), 0, errDoom)
		v, err := s.get(h)
		s.expect(v, err, 0, errDoom)
	}},
	{"pool released with calls queued", func(s scene) {
		busy := []*oneshot.Receiver[int]{s.busy(), s.busy()}
		h := s.waiting(antsx.Submit(s.pool, one))
		s.pool.Release()
		v, err := s.get(h)
		s.expect(v, err, 0, ants.ErrPoolClosed)
		for _, rx := range busy {
			rx.Close()
		}
	}},
	{"pool released under an executor", func(s scene) {
		e := antsx.NewExecutor(s.pool)
		defer e.Close()
		tx, rx := oneshot.New[int]()
		h := scene{s.T, e, s.pool}.waiting(rx)
		s.pool.Release()
		tx.Send(1)
		v, err := s.get(h)
		if err != nil { // the message may come first
			s.expect(v, err, 0, ants.ErrPoolClosed)
		}
	}},
	{"group failed", func(s scene) {
		g, ctx := errgroup.WithContext(context.Background())
		other := errgroup.Go(g, func() (int, error) { return future.Await(ctx, s.waiting(future.Never[int]())) })
		errgroup.Go(g, func() (int, error) { return 0, errDoom })
		s.expect(0, g.Wait(), 0, errDoom)
		v, err := other.TryRecv()
		s.expect(v, err, 0, errDoom)
	}},
	{"run ended with tasks pending", func(s scene) {
		var h *executor.Handle[int]
		v, err := executor.Run(context.Background(), func(ctx context.Context) (int, error) {
			h = executor.Go(executor.FromContext(ctx), func(ctx context.Context) (int, error) {
				return future.Await(ctx, future.Never[int]())
			})
			return 1, executor.Yield(ctx)
		})
		s.expect(v, err, 1, nil)
		v, err = s.get(h)
		s.expect(v, err, 0, executor.ErrClosed)
	}},
}

// After each scene nothing runs that did not run before. All is used from outside,
// as a program would.
func TestNothingIsLeftBehind(t *testing.T) {
	for _, tt := range scenes {
		t.Run(tt.name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			pool, err := ants.NewPool(2)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Release()
			tasks := executor.New(executor.WithWorkers(2))
			defer tasks.Close()
			tt.play(scene{t, tasks, pool})
		})
	}
}
