package executor_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strings"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// labelsHere returns the pprof labels of the calling goroutine, as the goroutine
// profile shows them: "" or like {"executor":"x", "task":"y"}.
func labelsHere() string {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	for stack := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(stack, "executor_test.labelsHere+") {
			_, labels, _ := strings.Cut(stack, "# labels: ")
			labels, _, _ = strings.Cut(labels, "\n")
			return labels
		}
	}
	return "not in the profile"
}

// A Runner's goroutines have no labels of a task that called for one of them.
func TestLabelsOnRunner(t *testing.T) {
	e := executor.New(executor.WithWorkers(2), executor.WithStallThreshold(0), executor.WithRunner(goRunner{}))
	defer e.Close()
	labels := make(chan string, 2)
	h := executor.Go(e, func(context.Context) (int, error) {
		for range 2 { // one for another worker
			executor.Go(e, func(context.Context) (int, error) { labels <- labelsHere(); return 0, nil })
		}
		first := <-labels // from there
		labels <- first
		return 0, nil
	}, executor.TaskName("named"))
	if _, err := future.Await(t.Context(), h); err != nil {
		t.Error(err)
	}
	if got := <-labels; got != "" {
		t.Errorf("a task without a name on another goroutine of the Runner has the labels %s", got)
	}
}

// Tasks run with the labels of their executor and name and no others, whatever
// ran before them and whoever started what they run on.
func TestLabels(t *testing.T) {
	var e *executor.Executor
	pprof.Do(t.Context(), pprof.Labels("request", "of the starter"), func(context.Context) {
		// No spare worker: labelsHere takes the first stack that it is on.
		e = executor.New(executor.WithWorkers(1), executor.WithName("labelled"), executor.WithStallThreshold(0))
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
			t.Error(err)
		}
	})
	defer e.Close()
	const unnamed, named = `{"executor":"labelled"}`, `{"executor":"labelled", "task":"my task"}`
	code := func(ctx context.Context) ([]string, error) {
		seen := []string{labelsHere()}
		_ = executor.Yield(ctx)
		seen = append(seen, labelsHere())
		pprof.Do(ctx, pprof.Labels("more", "of the task"), func(context.Context) {})
		return append(seen, labelsHere()), nil
	}
	poll := func() future.Future[[]string] {
		return future.Lazy(func() future.Future[[]string] { return future.Ready([]string{labelsHere()}) })
	}
	// What a task without a name leaves behind is not the next one's either.
	leaves := func(ctx context.Context) ([]string, error) {
		seen := []string{labelsHere()}
		pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("more", "of the task")))
		return seen, executor.Yield(ctx)
	}
	stranger := pprof.WithLabels(t.Context(), pprof.Labels("request", "of a stranger"))
	strange := func(ctx context.Context) ([]string, error) {
		seen := []string{labelsHere()}
		pprof.SetGoroutineLabels(stranger)
		return seen, executor.Yield(ctx)
	}
	for range 2 {
		for _, test := range []struct {
			name string
			h    *executor.Handle[[]string]
			want string
		}{
			{"named code", executor.Go(e, code, executor.TaskName("my task")), named},
			{"named future", executor.Spawn(e, poll(), executor.TaskName("my task")), named},
			{"future", executor.Spawn(e, poll()), unnamed},
			{"code that leaves labels", executor.Go(e, leaves), unnamed},
			{"code that leaves a stranger's", executor.Go(e, strange), unnamed},
			{"with a parent that has labels", executor.Go(e, leaves, executor.TaskContext(stranger)), unnamed},
		} {
			seen, err := future.Await(t.Context(), test.h)
			if err != nil {
				t.Error(err)
			}
			for i, s := range seen {
				if s != test.want {
					t.Errorf("%s sees %s at place %d, want %s", test.name, s, i, test.want)
				}
			}
		}
		seen, err := future.Await(t.Context(), executor.Go(e, code))
		if err != nil || !slices.Equal(seen, []string{unnamed, unnamed, unnamed}) {
			t.Errorf("code without a name sees %s, %v", seen, err)
		}
	}
}

// Run leaves its caller's labels as they were, and its tasks have them.
func TestLabelsInRun(t *testing.T) {
	pprof.Do(t.Context(), pprof.Labels("request", "42"), func(ctx context.Context) {
		seen, err := executor.Run(ctx, func(ctx context.Context) (string, error) {
			poll := future.Lazy(func() future.Future[string] { return future.Ready(labelsHere()) })
			named, err := future.Await(ctx, executor.Spawn(executor.FromContext(ctx), poll, executor.TaskName("my task")))
			if !strings.Contains(named, `"task":"my task"`) {
				t.Errorf("a task with a name sees %s", named)
			}
			return labelsHere(), err
		})
		if want := `{"request":"42"}`; seen != want || labelsHere() != want || err != nil {
			t.Errorf("in Run %s, after it %s, want %s; %v", seen, labelsHere(), want, err)
		}
	})
}

// The context of a task has its labels, for what is started with it.
func TestLabelsInContext(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	parent := pprof.WithLabels(t.Context(), pprof.Labels("request", "42"))
	h := executor.Go(e, func(ctx context.Context) (string, error) {
		task, _ := pprof.Label(ctx, "task")
		request, _ := pprof.Label(ctx, "request")
		return task + " of " + request, nil
	}, executor.TaskName("my task"), executor.TaskContext(parent))
	if s, err := future.Await(t.Context(), h); s != "my task of 42" || err != nil {
		t.Errorf("the context has the labels of %q, %v", s, err)
	}
}

// A task is in the trace if it ends while the tracer is on, whenever it began.
func TestTrace(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("the tracer is in use by go test -trace")
	}
	e := executor.New(executor.WithWorkers(1), executor.WithName("traced executor"))
	tx, rx := oneshot.New[int]()
	tx2, rx2 := oneshot.New[int]()
	early := executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, rx) }, executor.TaskName("early task"))
	earlyFuture := executor.Spawn(e, rx2)
	waitFor(t, "both to wait", func() bool { return allWait(e) })
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Fatal(err)
	}
	hs := []*executor.Handle[int]{
		executor.Go(e, func(ctx context.Context) (int, error) {
			trace.Log(ctx, "category", "logged by the task")
			return 1, executor.Yield(ctx)
		}, executor.TaskName("traced task")),
		executor.Spawn(e, future.Ready(1)),
		early, earlyFuture,
	}
	_, _ = tx.Send(1), tx2.Send(2)
	pprof.Do(t.Context(), pprof.Labels("loop", "42"), func(context.Context) {
		polls := 0
		r, _ := executor.NewRunnable(future.Func(func(w *future.Waker) (int, bool, error) {
			polls++
			w.Wake()
			return 1, polls == 3, nil
		}), func(*executor.Runnable) {}, executor.TaskName("runnable"))
		for !r.Run() {
		}
		if s := labelsHere(); s != `{"loop":"42"}` {
			t.Errorf("a Runnable leaves the goroutine that has run it with the labels %s", s)
		}
	})
	var errs []error
	for _, h := range hs {
		_, err := future.Await(t.Context(), h)
		errs = append(errs, err)
	}
	_ = e.Close()
	trace.Stop()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"traced task", "poll", "traced executor", "early task", "logged by the task", "runnable"} {
		if !bytes.Contains(b.Bytes(), []byte(want)) {
			t.Errorf("the trace lacks %q", want)
		}
	}
}

// BenchmarkObserve is what labels and trace cost: the question whether the tracer
// is on, which every spawn and every poll asks; and spawn and await of a task
// without a name, of one with a name, and of one that is traced.
func BenchmarkObserve(b *testing.B) {
	b.Run("question", func(b *testing.B) {
		for b.Loop() {
			if trace.IsEnabled() {
				b.Fatal("the tracer is on")
			}
		}
	})
	spawn := func(opts ...executor.TaskOption) func(b *testing.B) {
		return func(b *testing.B) {
			benchTask(b, 1, func(ctx context.Context, e *executor.Executor) {
				for b.Loop() {
					if _, err := future.Await(ctx, executor.Spawn(e, future.Ready(1), opts...)); err != nil {
						b.Error(err)
					}
				}
			})
		}
	}
	b.Run("unnamed", spawn())
	b.Run("named", spawn(executor.TaskName("named")))
	b.Run("traced", func(b *testing.B) {
		if err := trace.Start(io.Discard); err != nil {
			b.Skip(err)
		}
		defer trace.Stop()
		spawn()(b)
	})
}
