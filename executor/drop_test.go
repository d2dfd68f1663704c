package executor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A value that no Poll returns is dropped once, however the handle is given up; one that
// is returned, or comes with an error, is not.
func TestValueThatIsNotTakenIsDropped(t *testing.T) {
	tests := []struct {
		name, reason string
		err          error
		before       func(h *executor.Handle[int]) // while the task runs
		after        func(h *executor.Handle[int]) // when it has ended
		want         []int
	}{
		{"canceled", "it comes too late", nil, (*executor.Handle[int]).Cancel, nil, []int{7}},
		{"detached", "no consumer will come", nil, (*executor.Handle[int]).Detach, nil, []int{7}},
		{"detached and canceled", "it is dropped once", nil, func(h *executor.Handle[int]) { h.Detach(); h.Cancel() }, nil, []int{7}},
		{"detached late", "it was there", nil, nil, (*executor.Handle[int]).Detach, []int{7}},
		{"taken", "the consumer has it", nil, nil, func(h *executor.Handle[int]) { _, _, _ = h.Poll(nil) }, nil},
		{"canceled late", "the Poll after Cancel gives it", nil, nil, func(h *executor.Handle[int]) {
			h.Cancel()
			if v, ready, err := h.Poll(nil); v != 7 || !ready || err != nil {
				t.Errorf("after Cancel: got %d, %v, %v; want 7, true, nil", v, ready, err)
			}
		}, nil},
		{"canceled, with an error", "the error says what became of it", errors.New("boom"), (*executor.Handle[int]).Cancel, nil, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			e, _ := logged(executor.WithWorkers(1), executor.WithStallThreshold(0))
			var mu sync.Mutex
			var dropped []int
			release := make(chan bool)
			h, began := beginning(e, func(context.Context) (int, error) {
				<-release
				return 7, tc.err
			})
			h.OnDrop(func(v int) {
				mu.Lock()
				defer mu.Unlock()
				dropped = append(dropped, v)
			})
			<-began
			if tc.before != nil {
				tc.before(h)
			}
			close(release)
			waitFor(t, "the end", h.Done)
			if tc.after != nil {
				tc.after(h)
			}
			_ = e.Close()
			if !slices.Equal(dropped, tc.want) {
				t.Errorf("%s: got %v, want %v", tc.reason, dropped, tc.want)
			}
		})
	}
}

// A function of OnDrop that panics is logged, and ends no worker.
func TestDropThatPanics(t *testing.T) {
	e, log := logged(executor.WithWorkers(1))
	h, began := beginning(e, func(ctx context.Context) (int, error) {
		_, _ = never(ctx)
		return 7, nil
	}, executor.TaskName("dropped"))
	h.OnDrop(func(int) { panic("in drop") })
	<-began
	h.Cancel()
	_ = e.Close()
	if s := log.String(); !strings.Contains(s, "in drop") || !strings.Contains(s, "task=dropped") {
		t.Errorf("got the log %q, want the panic with the task's name", s)
	}
}

// A task's value comes with its error, as from any function of Go: through the handle,
// and through Run.
func TestValueComesWithTheError(t *testing.T) {
	boom := errors.New("boom")
	both := func(context.Context) (string, error) { return "output", boom }
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	check := func(how, v string, err error) {
		t.Helper()
		if v != "output" || err != boom {
			t.Errorf("%s: got %q, %v; want output, boom", how, v, err)
		}
	}
	v, err := future.Await(t.Context(), executor.Go(e, both))
	check("Go", v, err)
	v, err = executor.Run(t.Context(), both)
	check("Run", v, err)
	v, err = future.Await(t.Context(), executor.Spawn(e, future.Func(func(*future.Waker) (string, bool, error) { return "output", true, boom })))
	check("Spawn", v, err)
	r, h := executor.NewRunnableFunc(t.Context(), both, func(*executor.Runnable) {})
	r.Run()
	v, _, err = h.Poll(nil)
	check("NewRunnableFunc", v, err)
	v, err = executor.Run(t.Context(), func(ctx context.Context) (string, error) {
		return future.Await(ctx, executor.GoContext(ctx, both))
	})
	check("GoContext", v, err)
}
