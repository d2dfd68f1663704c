package executor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

var _ future.Dropper[int] = (*executor.Handle[int])(nil)

// What a task returns after its handle was canceled is dropped, unless it came with
// an error; what the handle gives is not.
func TestHandleDropsWhatComesAfterCancel(t *testing.T) {
	for _, c := range []struct {
		name   string
		cancel bool
		err    error
		drops  int
	}{
		{"canceled", true, nil, 1},
		{"canceled, and failed", true, errors.New("no"), 0},
		{"awaited", false, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(1), quiet)
			begun := make(chan struct{})
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				close(begun)
				if c.cancel {
					<-ctx.Done()
				}
				return 7, c.err
			})
			drops := 0
			h.OnDrop(func(v int) { drops += v / 7 })
			<-begun
			if c.cancel {
				h.Cancel()
			} else if v, err := future.Await(t.Context(), h); v != 7 || err != c.err {
				t.Errorf("got %v, %v, want 7 and %v", v, err, c.err)
			}
			e.Close()
			if drops != c.drops {
				t.Errorf("dropped %d times, want %d", drops, c.drops)
			}
		})
	}
}

// A value that comes with an error is delivered with it.
func TestValueWithAnErrorIsDelivered(t *testing.T) {
	e := executor.New()
	defer e.Close()
	partly := errors.New("partly")
	both := func(context.Context) (int, error) { return 7, partly }
	for name, f := range map[string]future.Future[int]{
		"Go":    executor.Go(e, both),
		"Spawn": executor.Spawn[int](e, future.Func(func(*future.Waker) (int, bool, error) { return 7, true, partly })),
		"Run": future.Go(func() (int, error) {
			return executor.Run(t.Context(), both)
		}),
	} {
		if v, err := future.Await(t.Context(), f); v != 7 || err != partly {
			t.Errorf("%s: %v, %v, want 7 and %v", name, v, err, partly)
		}
	}
}
