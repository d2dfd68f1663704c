package executor_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"weak"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A payload is something large that a task refers to, and an error.
type payload [1 << 10]byte

func (*payload) Error() string { return "a payload" }

// The handle of a task that has ended, however it ended, keeps nothing that the task was
// made of, and no result once that is taken.
func TestHandleKeepsNothing(t *testing.T) {
	type start func(e *executor.Executor, p *payload) *executor.Handle[*payload]
	background := func(context.Context) (*payload, error) { return nil, nil }
	uses := func(p *payload) func(context.Context) (*payload, error) {
		return func(context.Context) (*payload, error) { p[0] = 1; return nil, nil }
	}
	with := func(p *payload) context.Context { return context.WithValue(context.Background(), p, p) }
	waits := func(ctx context.Context) (*payload, error) { return future.Await(ctx, future.Never[*payload]()) }
	kit := func(r *executor.Runnable, h *executor.Handle[*payload]) *executor.Handle[*payload] {
		for !r.Run() {
		}
		return h
	}
	none := func(*executor.Runnable) {}
	tests := []struct {
		name  string
		start start
	}{
		{"function", func(e *executor.Executor, p *payload) *executor.Handle[*payload] { return executor.Go(e, uses(p)) }},
		{"value", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Go(e, func(context.Context) (*payload, error) { return p, nil })
		}},
		{"error", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Go(e, func(context.Context) (*payload, error) { return nil, p })
		}},
		{"value and error", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Go(e, func(context.Context) (*payload, error) { return p, errors.New("with it") })
		}},
		{"panic", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Go(e, func(context.Context) (*payload, error) { panic(p) })
		}},
		{"hook", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Go(e, background, executor.OnTaskEnd(func(error) { p[0] = 1 }))
		}},
		{"function that never began", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return canceledBefore(e, uses(p), errors.New("enough"))
		}},
		{"cause of one that never began", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return canceledBefore(e, waits, p)
		}},
		{"parent of one that never began", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return canceledBefore(e, waits, errors.New("enough"), executor.TaskContext(with(p)), executor.TaskName("named"))
		}},
		{"function that was refused", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			closed := executor.New()
			_ = closed.Close()
			return executor.Go(closed, uses(p), executor.OnTaskEnd(func(error) { p[0] = 1 }))
		}},
		{"function outside a task", func(_ *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.GoContext(with(p), uses(p))
		}},
		{"future", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Spawn(e, future.Map(future.Ready(1), func(int) (*payload, error) { p[0] = 1; return nil, nil }))
		}},
		{"value of a future", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Spawn(e, future.Ready(p))
		}},
		{"error of a future", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Spawn(e, future.Failed[*payload](p))
		}},
		{"parent of a future", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			return executor.Spawn(e, future.Ready[*payload](nil), executor.TaskContext(with(p)), executor.TaskName("named"))
		}},
		{"cause of a future", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			h := executor.Spawn(e, future.Never[*payload]())
			h.CancelCause(p)
			return h
		}},
		{"cause after the end", func(e *executor.Executor, p *payload) *executor.Handle[*payload] {
			h := executor.Spawn(e, future.Ready[*payload](nil))
			waitFor(t, "the end", h.Done)
			h.CancelCause(p)
			return h
		}},
		{"schedule function", func(_ *executor.Executor, p *payload) *executor.Handle[*payload] {
			return kit(executor.NewRunnable(future.Ready[*payload](nil), func(*executor.Runnable) { p[0] = 1 }))
		}},
		{"schedule function of a kit executor", func(_ *executor.Executor, p *payload) *executor.Handle[*payload] {
			return kit(executor.NewRunnableFunc(context.Background(), func(ctx context.Context) (*payload, error) {
				executor.FromContext(ctx)
				return nil, nil
			}, func(*executor.Runnable) { p[0] = 1 }))
		}},
		{"function of a Runnable", func(_ *executor.Executor, p *payload) *executor.Handle[*payload] {
			return kit(executor.NewRunnableFunc(context.Background(), uses(p), none))
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0), executor.WithLogger(nil))
			defer e.Close()
			h, kept := func() (*executor.Handle[*payload], weak.Pointer[payload]) {
				p := new(payload)
				h := tc.start(e, p)
				_, _ = future.Await(context.Background(), h)
				return h, weak.Make(p)
			}()
			waitFor(t, "the collector", func() bool { runtime.GC(); return kept.Value() == nil })
			runtime.KeepAlive(h)
		})
	}
}

// canceledBefore is a task that is canceled before it begins.
func canceledBefore(e *executor.Executor, fn func(context.Context) (*payload, error), cause error, opts ...executor.TaskOption) *executor.Handle[*payload] {
	busy, release := make(chan bool), make(chan bool)
	executor.Do(e, func(context.Context) error {
		close(busy)
		<-release
		return nil
	})
	<-busy
	h := executor.Go(e, fn, opts...)
	h.CancelCause(cause)
	close(release)
	return h
}
