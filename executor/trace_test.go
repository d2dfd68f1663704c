package executor_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// currentLabels returns the goroutine profile's text of the labels in use.
func currentLabels(t *testing.T) string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLabels(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithName("labelled"))
	defer e.Close()
	want := `"task":"my task"`
	see := func(name string) bool {
		s := currentLabels(t)
		return strings.Contains(s, want) && strings.Contains(s, `"executor":"labelled"`)
	}
	code := executor.Go(e, func(ctx context.Context) (bool, error) {
		before := see("before")
		_ = executor.Yield(ctx)
		return before && see("after"), nil
	}, executor.TaskName("my task"))
	if ok, err := future.Await(t.Context(), code); !ok || err != nil {
		t.Errorf("Go: labels seen: %v, %v", ok, err)
	}
	poll := executor.Spawn(e, future.Func(func(*future.Waker) (bool, bool, error) { return see("poll"), true, nil }), executor.TaskName("my task"))
	if ok, err := future.Await(t.Context(), poll); !ok || err != nil {
		t.Errorf("Spawn: labels seen: %v, %v", ok, err)
	}
	plain := executor.Go(e, func(context.Context) (bool, error) { return see("unnamed"), nil })
	if seen, err := future.Await(t.Context(), plain); seen || err != nil {
		t.Errorf("the labels stay after their task: %v, %v", seen, err)
	}
}

func TestTrace(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("the tracer is in use by go test -trace")
	}
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Fatal(err)
	}
	e := executor.New(executor.WithWorkers(1))
	h := executor.Go(e, func(ctx context.Context) (int, error) { return 1, executor.Yield(ctx) }, executor.TaskName("traced task"))
	g := executor.Spawn(e, future.Ready(1))
	_, err := future.Await(t.Context(), h)
	_, err2 := future.Await(t.Context(), g)
	_ = e.Close()
	trace.Stop()
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	for _, want := range []string{"traced task", "poll", "executor"} {
		if !bytes.Contains(b.Bytes(), []byte(want)) {
			t.Errorf("the trace lacks %q", want)
		}
	}
}

// What a task without a name pays for labels and trace while the tracer is off.
func BenchmarkObserveOff(b *testing.B) {
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if trace.IsEnabled() {
				b.Fatal("the tracer is on")
			}
		}
	})
	for _, name := range []string{"", "named"} {
		b.Run("spawn"+name, func(b *testing.B) {
			b.ReportAllocs()
			e := executor.New(executor.WithWorkers(1))
			defer e.Close()
			var opts []executor.TaskOption
			if name != "" {
				opts = append(opts, executor.TaskName(name))
			}
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				for b.Loop() {
					if _, err := future.Await(ctx, executor.Spawn(e, future.Ready(1), opts...)); err != nil {
						return 0, err
					}
				}
				return 0, nil
			})
			if _, err := future.Await(context.Background(), h); err != nil {
				b.Fatal(err)
			}
		})
	}
}
