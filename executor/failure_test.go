package executor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A logBuffer collects what an executor logs.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *logBuffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Reset()
}

func logged(opts ...executor.Option) (*executor.Executor, *logBuffer) {
	b := new(logBuffer)
	return executor.New(append(opts, executor.WithLogger(slog.New(slog.NewTextHandler(b, nil))))...), b
}

func TestDroppedFailureIsLogged(t *testing.T) {
	e, log := logged()
	defer e.Close()
	executor.Go(e, func(context.Context) (int, error) { return 0, errors.New("nobody asked") }, executor.TaskName("orphan"))
	deadline := time.Now().Add(10 * time.Second)
	for !strings.Contains(log.String(), "nobody asked") {
		if time.Now().After(deadline) {
			t.Fatalf("the failure of a dropped task was not logged; log: %q", log.String())
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if !strings.Contains(log.String(), "orphan") {
		t.Errorf("the log lacks the task's name: %q", log.String())
	}
}

// An errorOf refers to a task through its context.
type errorOf struct{ ctx context.Context }

func (errorOf) Error() string { return "an error of a task" }

// A failure that refers to its task does not keep that once it was taken.
func TestTakenFailureIsLetGo(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	collected := make(chan struct{})
	func() {
		h := executor.Go(e, func(ctx context.Context) (int, error) { return 0, errorOf{ctx} })
		if _, err := future.Await(t.Context(), h); err == nil {
			t.Error("no error")
		}
		runtime.AddCleanup(h, func(c chan struct{}) { close(c) }, collected)
	}()
	waitForCollection(t, collected)
}

// Whoever has got a failure is told no more of it, whatever it is: the end of
// something that the task awaited looks like the end of the handle.
func TestTakenFailureIsNotLogged(t *testing.T) {
	e, log := logged()
	for _, fail := range []error{
		errors.New("seen"), future.ErrCanceled, future.ErrConsumed, oneshot.ErrClosed,
		fmt.Errorf("what it awaited: %w", oneshot.ErrReceived),
	} {
		for range 5 {
			h := executor.Go(e, func(context.Context) (int, error) { return 0, fail })
			if _, err := future.Await(t.Context(), h); err != fail {
				t.Fatalf("Await: %v, want %v", err, fail)
			}
		}
	}
	e.Close()
	for range 5 {
		runtime.GC()
	}
	if s := log.String(); s != "" {
		t.Errorf("logged: %q", s)
	}
}

// Whoever cancels a handle does not want its result, whichever of the two comes
// first. A panic is a bug all the same.
func TestGivenUpFailureIsNotLogged(t *testing.T) {
	e, log := logged()
	for _, fail := range []func() (int, error){
		func() (int, error) { return 0, errors.New("too late") },
		func() (int, error) { panic("a bug") },
	} {
		var ended []*executor.Handle[int]
		for i := range 5 {
			h := executor.Go(e, func(context.Context) (int, error) { return fail() }, executor.TaskName(fmt.Sprint(i)))
			for !h.Done() {
				runtime.Gosched()
			}
			ended = append(ended, h)
		}
		future.Cancel(future.All[int](ended[0], ended[1]))
		for _, h := range ended[2:] {
			h.Cancel()
		}
		began := make(chan struct{})
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			close(began)
			future.Await(ctx, future.Never[int]())
			return fail() // although it was only asked to end
		})
		<-began
		h.Cancel()
	}
	e.Close()
	deadline := time.Now().Add(10 * time.Second)
	for strings.Count(log.String(), "a bug") < 6 && time.Now().Before(deadline) {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if n := strings.Count(log.String(), "error.value=\"a bug\""); n != 6 || strings.Contains(log.String(), "too late") {
		t.Errorf("%d panics were logged, want 6 and nothing else: %q", n, log.String())
	}
}

func TestDetachLogsAtOnce(t *testing.T) {
	e, log := logged()
	executor.Go(e, func(ctx context.Context) (int, error) {
		_ = executor.Yield(ctx)
		return 0, errors.New("late")
	}).Detach()
	early := executor.Go(e, func(context.Context) (int, error) { return 0, errors.New("early") })
	for !early.Done() {
		runtime.Gosched()
	}
	early.Detach()
	canceled := executor.Go(e, func(ctx context.Context) (int, error) {
		_, err := future.Await(ctx, future.Never[int]())
		panic(err) // which is no way to say that it was cancelled
	}, executor.TaskPanics(executor.PanicsReturned))
	waitFor(t, "the task to wait", func() bool { return allWait(e) })
	canceled.CancelCause(errors.New("cause"))
	canceled.Detach()
	quiet := executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
	quiet.CancelCause(errors.New("unsaid"))
	quiet.Detach()
	e.Close()
	if strings.Contains(log.String(), "unsaid") {
		t.Errorf("the end of a task that was only cancelled is logged: %q", log.String())
	}
	for _, want := range []string{"late", "early", "cause"} {
		if strings.Count(log.String(), want) != 1 {
			t.Errorf("%q is not logged exactly once: %q", want, log.String())
		}
	}
}

// A failure that somebody is told of anyway is not logged besides, and crashes
// nothing, though the task was detached.
func TestToldFailureIsNotLogged(t *testing.T) {
	e, log := logged(executor.WithWorkers(1))
	panics := func(context.Context) (int, error) { panic("a bug") }
	told := make(chan error, 1)
	executor.Go(e, panics, executor.OnTaskEnd(func(err error) { told <- err })).Detach()
	if err := <-told; err == nil {
		t.Error("OnTaskEnd: no error")
	}
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		return 0, executor.Scope(ctx, func(g *executor.TaskGroup) error {
			executor.GoIn(g, panics).Detach()
			return nil
		})
	})
	if _, err := future.Await(t.Context(), h); err == nil {
		t.Error("Scope: no error")
	}
	e.Close()
	if s := log.String(); s != "" {
		t.Errorf("logged: %q", s)
	}
}

// A task that a closed executor refuses has failed as well, and one that comes too
// late for its group.
func TestRefusedIsLogged(t *testing.T) {
	e, log := logged()
	_, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) {
		var group *executor.TaskGroup
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error { group = g; return nil })
		executor.GoIn(group, func(context.Context) (int, error) { return 1, nil }, executor.TaskName("late")).Detach()
		executor.SpawnIn(group, future.Ready(1), executor.TaskName("too late")).Detach()
		return 0, err
	}))
	e.Close()
	executor.Go(e, func(context.Context) (int, error) { return 1, nil }, executor.TaskName("detached")).Detach()
	executor.Spawn(e, future.Ready(1), executor.TaskName("dropped"))
	if _, _, err := executor.Spawn(e, future.Ready(1), executor.TaskName("polled")).Poll(nil); err != executor.ErrRefused {
		t.Errorf("polled: %v", err)
	}
	waitFor(t, "the report of the one that was dropped", func() bool {
		runtime.GC()
		return strings.Contains(log.String(), "task=dropped")
	})
	s := log.String()
	for _, want := range []string{"task=late", `task="too late"`, "task=detached", "task=dropped"} {
		if strings.Count(s, want) != 1 {
			t.Errorf("%s is not logged once: %q", want, s)
		}
	}
	if strings.Contains(s, "polled") || err != nil {
		t.Errorf("%v; logged: %q", err, s)
	}
}

// A task's policy counts, not its executor's, also if it is the default.
func TestTaskPanics(t *testing.T) {
	e, _ := logged(executor.WithPanics(executor.PanicsRethrown))
	defer e.Close()
	for _, p := range []executor.PanicPolicy{executor.PanicsDefault, executor.PanicsReturned} {
		h := executor.Go(e, func(context.Context) (int, error) { panic("a bug") }, executor.TaskPanics(p))
		if _, err := future.Await(t.Context(), h); err == nil {
			t.Errorf("policy %d: no error", p)
		}
	}
}

func TestPanicsRethrown(t *testing.T) {
	e, _ := logged(executor.WithPanics(executor.PanicsRethrown))
	defer e.Close()
	h := executor.Go(e, func(context.Context) (int, error) { panic("again") })
	defer func() {
		p, ok := recover().(*future.PanicError)
		if !ok || p.Value != "again" || !strings.Contains(string(p.Stack), "TestPanicsRethrown") {
			t.Errorf("recovered %v", p)
		}
	}()
	_, err := future.Await(t.Context(), h)
	t.Errorf("Await returned %v", err)
}

// Policies that crash the process run in one of their own.
func TestPanicsCrash(t *testing.T) {
	if mode := os.Getenv("AWAIT_CRASH"); mode != "" {
		policy := executor.PanicsDefault
		if mode == "crash" {
			policy = executor.PanicsCrash
		}
		e := executor.New(executor.WithPanics(policy))
		h := executor.Go(e, func(context.Context) (int, error) { panic("crash me") })
		if mode == "detached" {
			h.Detach()
		}
		time.Sleep(time.Minute)
		return
	}
	begin := regexp.MustCompile(`(?m)^panic: `) // a report of a stall has stacks, too
	for _, mode := range []string{"crash", "detached"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestPanicsCrash$", "-test.timeout=2m")
		cmd.Env = append(os.Environ(), "AWAIT_CRASH="+mode)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		crash := begin.FindIndex(out)
		if !errors.As(err, &exit) || crash == nil {
			t.Errorf("%s: %v, want a crash:\n%s", mode, err, out)
			continue
		}
		log, crashed := out[:crash[0]], out[crash[0]:]
		if !bytes.Contains(crashed, []byte("crash me")) {
			t.Errorf("%s: the crash lacks the panic:\n%s", mode, out)
		}
		_, log, logged := bytes.Cut(log, []byte("task failed"))
		if !logged || !bytes.Contains(log, []byte("failure_test.go")) {
			t.Errorf("%s: the failure is not logged with its place before the crash:\n%s", mode, out)
		}
	}
}

// The panic of a task whose handle had been cancelled is logged although somebody
// polls the handle then: that has only told of the cancellation.
func TestPanicAfterCancelIsLogged(t *testing.T) {
	e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(0))
	began, canceled := make(chan struct{}), make(chan struct{})
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		close(began)
		<-canceled // else its end may come before the handle is cancelled
		panic("a bug")
	})
	<-began
	h.Cancel()
	close(canceled)
	e.Close()
	if _, ready, err := h.Poll(nil); !ready || !errors.Is(err, future.ErrCanceled) {
		t.Errorf("after Cancel: %v, %v", ready, err)
	}
	waitFor(t, "the report", func() bool {
		runtime.GC()
		return strings.Contains(log.String(), "error.value=\"a bug\"")
	})
}

// A panicsAgain is a future that panics when it is polled, and when it is cancelled.
type panicsAgain struct{}

func (panicsAgain) Poll(*future.Waker) (int, bool, error) { panic("first") }
func (panicsAgain) Cancel()                               { panic("again") }

// A future that has panicked may do so again when it is let go: the first panic is
// the task's result, and the worker goes on.
func TestPanicInCancelAfterPanic(t *testing.T) {
	e, _ := logged(executor.WithWorkers(1))
	defer e.Close()
	var p *future.PanicError
	if _, err := future.Await(t.Context(), executor.Spawn(e, future.Future[int](panicsAgain{}))); !errors.As(err, &p) || p.Value != "first" {
		t.Errorf("%v", err)
	}
	if v, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); v != 1 || err != nil {
		t.Errorf("the task after it: %d, %v", v, err)
	}
}

// Of failures that are alike one is logged in ten seconds, and how many the others were.
// Of too many kinds only the number is.
func TestLostFailuresAreLimited(t *testing.T) {
	for _, tc := range []struct {
		name         string
		fail         func(i int) error
		lines, kinds int // in the log, and of them those of one failure each
	}{
		{"one kind", func(int) error { return errors.New("alike") }, 2, 1},
		{"two kinds", func(i int) error { return fmt.Errorf("kind %d", i%2) }, 4, 2},
		{"as many kinds as failures", func(i int) error { return fmt.Errorf("failure %d", i) }, 17, 16},
		{"a text that does not end", func(i int) error { return errors.New(strings.Repeat("x", 1<<12) + fmt.Sprint(i)) }, 2, 1},
	} {
		for _, end := range []string{"in time", "at Shutdown"} {
			t.Run(tc.name+" "+end, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const failures = 10_000
					e, log := logged(executor.WithWorkers(2))
					for i := range failures {
						executor.Go(e, func(context.Context) (int, error) { return 0, tc.fail(i) }).Detach()
					}
					if end == "in time" {
						time.Sleep(time.Minute)
						if n := strings.Count(log.String(), "\n"); n != tc.lines {
							t.Errorf("got %d lines before the end, want %d: %.2000s", n, tc.lines, log.String())
						}
					}
					_ = e.Shutdown(t.Context()) // all tasks run
					s := log.String()
					lines, kinds := strings.Count(s, "\n"), strings.Count(s, "msg=\"task failed")
					if lines != tc.lines || kinds != tc.kinds {
						t.Errorf("got %d lines, %d of them of failures, want %d and %d: %.2000s", lines, kinds, tc.lines, tc.kinds, s)
					}
					left := 0
					for line := range strings.Lines(s) {
						if _, n, ok := strings.Cut(line, "left_out="); ok {
							var more int
							_, _ = fmt.Sscan(n, &more)
							left += more
						}
					}
					if left+kinds != failures {
						t.Errorf("the log tells of %d failures, want %d: %.2000s", left+kinds, failures, s)
					}
				})
			})
		}
	}
}

// Failures of Runnables are limited too, those of different loggers apart.
func TestLostFailuresOfRunnablesAreLimited(t *testing.T) {
	for range 2 {
		b := new(logBuffer)
		l := slog.New(slog.NewTextHandler(b, nil))
		for range 1000 {
			r, h := executor.NewRunnableFunc(t.Context(), func(context.Context) (int, error) { return 0, errors.New("alike") },
				func(r *executor.Runnable) { r.Run() }, executor.TaskLogger(l))
			h.Detach()
			r.Schedule()
		}
		if n := strings.Count(b.String(), "task failed"); n != 1 {
			t.Errorf("got %d lines of 1,000 failures, want 1: %.2000s", n, b.String())
		}
	}
}

// A handler that does not return blocks as many tasks as there are kinds of failures that
// are logged, and no others.
func TestBlockedLogOfFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &blockedHandler{release: make(chan bool)}
		e := executor.New(executor.WithWorkers(2), executor.WithLogger(slog.New(log)), executor.WithStallThreshold(24*time.Hour))
		for range 1000 {
			for i := range 3 {
				executor.Go(e, func(context.Context) (int, error) {
					time.Sleep(time.Millisecond) // until it is detached: Detach would log what has ended
					return 0, fmt.Errorf("kind %d", i)
				}).Detach()
			}
			time.Sleep(time.Second)
		}
		if s, begun := e.Stats(), log.begun.Load(); begun != 3 || s.Live != 0 {
			t.Errorf("got %d records begun, want 3, and all tasks ended: %+v", begun, s)
		}
		close(log.release)
		_ = e.Close()
	})
}
