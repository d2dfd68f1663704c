package executor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A task that awaits its own handle gets an error, by itself, with another context, and
// in a combinator; others may await the handle afterwards.
func TestTaskAwaitsItself(t *testing.T) {
	e := executor.New(executor.WithWorkers(2))
	defer e.Close()
	for name, await := range map[string]func(ctx context.Context, h *executor.Handle[int]) error{
		"Await": func(ctx context.Context, h *executor.Handle[int]) error {
			_, err := future.Await(ctx, h)
			return err
		},
		"another context": func(_ context.Context, h *executor.Handle[int]) error {
			_, err := future.Await(context.Background(), h)
			return err
		},
		"All": func(ctx context.Context, h *executor.Handle[int]) error {
			_, err := future.Await(ctx, future.All[int](future.Never[int](), future.Map(h, func(v int) (int, error) { return v, nil })))
			return err
		},
		"a task of a Run": func(ctx context.Context, h *executor.Handle[int]) error {
			_, err := executor.Run(ctx, func(ctx context.Context) (int, error) { return future.Await(ctx, h) })
			return err
		},
		"a child in a Run in a Run": func(ctx context.Context, h *executor.Handle[int]) error {
			_, err := executor.Run(ctx, func(ctx context.Context) (int, error) {
				return executor.Run(ctx, func(ctx context.Context) (int, error) {
					child := executor.Go(executor.FromContext(ctx), func(ctx context.Context) (int, error) {
						return future.Await(ctx, h)
					})
					return future.Await(ctx, child)
				})
			})
			return err
		},
		"a future spawned in a Run": func(ctx context.Context, h *executor.Handle[int]) error {
			_, err := executor.Run(ctx, func(ctx context.Context) (int, error) {
				return future.Await(ctx, executor.Spawn(executor.FromContext(ctx), h))
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			own := make(chan *executor.Handle[int], 1)
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				if err := await(ctx, <-own); !errors.Is(err, executor.ErrOwnTask) {
					t.Errorf("got %v, want ErrOwnTask", err)
				}
				return 7, nil
			})
			own <- h
			if name == "All" {
				// All has canceled the handle, as it does with its children when one fails.
				waitFor(t, "the end", func() bool { return h.Done() })
				return
			}
			if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
				t.Errorf("another one: got %d, %v, want 7, nil", v, err)
			}
		})
	}
	var h *executor.Handle[int]
	set := make(chan bool)
	h = executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
		<-set
		return h.Poll(w)
	}))
	close(set)
	if _, err := future.Await(t.Context(), h); err != executor.ErrOwnTask {
		t.Errorf("a future that polls its own task's handle: got %v, want ErrOwnTask", err)
	}
	own, told := make(chan *executor.Handle[int], 1), make(chan error, 1)
	own <- executor.Spawn(e, future.Lazy(func() future.Future[int] {
		return future.Map(future.All[int](<-own), func([]int) (int, error) { return 0, nil })
	}), executor.OnTaskEnd(func(err error) { told <- err }))
	select {
	case err := <-told:
		if !errors.Is(err, executor.ErrOwnTask) {
			t.Errorf("a future of All of its own task's handle: got %v, want ErrOwnTask", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a future of All of its own task's handle waits for itself")
	}
}

// A handle that is polled after its end speaks of the task, not of what it is made of.
func TestHandleAfterItsResult(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	name := executor.TaskName("fetch")
	for _, own := range []error{nil, errors.New("boom"), oneshot.ErrReceived, oneshot.ErrClosed} {
		h := executor.Go(e, func(context.Context) (int, error) { return 1, own }, name)
		if _, err := future.Await(t.Context(), h); err != own {
			t.Fatalf("got %v, want the task's own error %v", err, own)
		}
		_, ready, err := h.Poll(nil)
		if want := `executor: result of task `; !ready || !errors.Is(err, future.ErrConsumed) || !strings.HasPrefix(err.Error(), want) ||
			!strings.HasSuffix(err.Error(), `"fetch" was already taken`) {
			t.Errorf("after %v: got %v, %v; want %s… already taken, which is ErrConsumed", own, ready, err, want)
		}
	}
	h := executor.Spawn(e, future.Never[int](), name)
	h.Cancel()
	_, ready, err := h.Poll(nil)
	if !ready || !errors.Is(err, future.ErrCanceled) || !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), `"fetch" was canceled`) {
		t.Errorf("got %v, %v; want task … was canceled, which is ErrCanceled and context.Canceled", ready, err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _, _ = h.Poll(nil) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// The errors of this package can be told apart, and are what context's errors are.
func TestErrorIdentity(t *testing.T) {
	for _, tc := range []struct {
		err, is error
		want    bool
	}{
		{executor.ErrClosed, context.Canceled, true},
		{executor.ErrRefused, executor.ErrClosed, true},
		{executor.ErrRefused, context.Canceled, true},
		{executor.ErrClosed, executor.ErrRefused, false},
		{executor.ErrScopeEnded, executor.ErrClosed, false},
		{executor.ErrNoExecutor, executor.ErrClosed, false},
	} {
		if got := errors.Is(tc.err, tc.is); got != tc.want {
			t.Errorf("%q is %q: got %v, want %v", tc.err, tc.is, got, tc.want)
		}
	}
}

// A handle may be printed and logged while its task runs and ends.
func TestHandleIsPrintedInUse(t *testing.T) {
	e := executor.New(executor.WithWorkers(2))
	defer e.Close()
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		for range 100 {
			if err := executor.Yield(ctx); err != nil {
				return 0, err
			}
		}
		return 1, nil
	}, executor.TaskName("printed"))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			log := slog.New(slog.NewTextHandler(new(bytes.Buffer), nil))
			for range 100 {
				if s := fmt.Sprintf("%v %+v %s", h, h, h); !strings.Contains(s, `"printed" (`) {
					t.Errorf("printed: %q", s)
				}
				log.Info("in use", "handle", h)
			}
		})
	}
	_, _ = future.Await(t.Context(), h)
	wg.Wait()
	if s := h.String(); !strings.HasSuffix(s, "(ended)") {
		t.Errorf("got %q, want that it has ended", s)
	}
}
