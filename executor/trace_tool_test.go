package executor_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/trace"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// However a task comes to its end, the task of the trace ends too: the go command's
// own reader finds as many ends as beginnings.
func TestTraceEnds(t *testing.T) {
	var ends map[string]bool
	events := traced(t, func() { ends = traceEnds(t) })
	for name, ended := range ends {
		task := `ID=(\d+) Parent=\d+ Type="` + regexp.QuoteMeta(name) + `"`
		id := regexp.MustCompile(`TaskBegin .*` + task).FindSubmatch(events)
		if id == nil {
			t.Errorf("%s: the trace has no such task", name)
		} else if got := regexp.MustCompile(`TaskEnd .*ID=` + string(id[1]) + ` `).Match(events); got != ended {
			t.Errorf("%s: its end is in the trace: %v, want %v", name, got, ended)
		}
	}
}

// Each poll of a task is a region of its task of the trace, which is a child of that of
// the context that the task was given.
func TestTraceRegions(t *testing.T) {
	events := traced(t, func() {
		ctx, outer := trace.NewTask(t.Context(), "outer")
		defer outer.End()
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			return 0, errors.Join(executor.Yield(ctx), executor.Yield(ctx))
		}, executor.TaskName("inner"), executor.TaskContext(ctx))
		if _, err := future.Await(t.Context(), h); err != nil {
			t.Error(err)
		}
	})
	id := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindSubmatch(events)
		if found == nil {
			t.Fatalf("the trace has no %s", pattern)
		}
		return string(found[1])
	}
	outer := id(`TaskBegin .*ID=(\d+) Parent=\d+ Type="outer"`)
	inner := id(`TaskBegin .*ID=(\d+) Parent=` + outer + ` Type="inner"`)
	for _, event := range []string{"RegionBegin", "RegionEnd"} {
		if n := len(regexp.MustCompile(event+` .*Task=`+inner+` Type="poll"`).FindAll(events, -1)); n != 3 {
			t.Errorf("%d times %s for 3 polls", n, event)
		}
	}
}

// traced runs fn with the tracer on, and returns the trace's events as text.
func traced(t *testing.T, fn func()) []byte {
	t.Helper()
	if testing.Short() {
		t.Skip("the first go tool trace compiles that tool")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("without the go command nothing reads a trace")
	}
	if trace.IsEnabled() {
		t.Skip("the tracer is in use by go test -trace")
	}
	path := filepath.Join(t.TempDir(), "trace")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := trace.Start(file); err != nil {
		t.Fatal(err)
	}
	fn()
	trace.Stop()
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	events, err := exec.Command("go", "tool", "trace", "-d=parsed", path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, events)
	}
	return events
}

// traceEnds runs tasks, and says of each by its name whether it has ended.
func traceEnds(t *testing.T) map[string]bool {
	ends := map[string]bool{}
	named := func(name string) executor.TaskOption {
		ends[name] = true
		return executor.TaskName(name)
	}
	e := executor.New(executor.WithWorkers(1))
	fn := func(context.Context) (int, error) { return 1, nil }
	var hs []*executor.Handle[int]
	add := func(h *executor.Handle[int]) { hs = append(hs, h) }
	add(executor.Go(e, fn, named("returned")))
	add(executor.Go(e, func(context.Context) (int, error) { panic("boo") }, named("panicked")))
	add(executor.Go(e, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }, named("exited")))
	add(executor.Spawn(e, future.Ready(1), named("ready")))
	add(executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) { runtime.Goexit(); return 0, true, nil }), named("exited poll")))
	add(executor.Spawn(e, future.Never[int](), named("closed")))
	canceled := executor.Spawn(e, future.Never[int](), named("canceled"))
	canceled.CancelCause(nil)
	add(canceled)
	unbegun, _ := executor.NewRunnableFunc(t.Context(), fn, func(*executor.Runnable) {}, named("runnable"))
	unbegun.Run()
	for _, h := range hs[:len(hs)-2] {
		_, _ = future.Await(t.Context(), h)
	}
	_, _ = future.Await(t.Context(), canceled)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	executor.Go(e, fn, named("refused")).Detach()
	executor.Spawn(e, future.Ready(1), named("refused poll")).Detach()
	pending, h := executor.NewRunnable(future.Never[int](), func(*executor.Runnable) {}, executor.TaskName("pending"))
	ends["pending"] = pending.Run()
	runtime.KeepAlive(h)
	return ends
}
