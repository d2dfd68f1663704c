package executor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// An apiError cannot be compared: == of two of them panics if Details holds a map.
type apiError struct {
	Code    int
	Details any
}

func (e apiError) Error() string { return fmt.Sprint("api error ", e.Code) }

var uncomparable = apiError{503, map[string]any{"retry": true}}

// A badError panics in every method.
type badError struct{ _ int }

func (*badError) Error() string    { panic("Error") }
func (*badError) Unwrap() error    { panic("Unwrap") }
func (*badError) Is(error) bool    { panic("Is") }
func (*badError) As(any) bool      { panic("As") }
func (e *badError) String() string { panic("String") }

var never = func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) }

// A task is canceled with an error of the user, and returns it. Whatever that error's
// methods do, it is the result, and executor and scope go on.
func TestErrorsOfUsersAreComparedSafely(t *testing.T) {
	ways := []struct {
		name string
		do   func(t *testing.T, cause error) error // returns the task's result
	}{
		{"handle", func(t *testing.T, cause error) error {
			e, _ := logged(executor.WithWorkers(1))
			defer e.Close()
			h, began := beginning(e, never)
			<-began
			h.CancelCause(cause)
			_, err := future.Await(t.Context(), h)
			return err
		}},
		{"detached", func(t *testing.T, cause error) error {
			e, _ := logged(executor.WithWorkers(1))
			defer e.Close()
			ended := make(chan error, 1)
			h := executor.Spawn(e, future.Never[int](), executor.OnTaskEnd(func(err error) { ended <- err }))
			h.CancelCause(cause)
			h.Detach()
			return <-ended
		}},
		{"spawn", func(t *testing.T, cause error) error {
			e, _ := logged(executor.WithWorkers(1))
			defer e.Close()
			h := executor.Spawn(e, future.Never[int]())
			h.CancelCause(cause)
			_, err := future.Await(t.Context(), h)
			return err
		}},
		{"shutdown", func(t *testing.T, cause error) error {
			e, _ := logged(executor.WithWorkers(1))
			h, began := beginning(e, never)
			<-began
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(cause)
			_ = e.Shutdown(ctx)
			_, err := future.Await(t.Context(), h)
			return err
		}},
		{"parent", func(t *testing.T, cause error) error {
			e, _ := logged(executor.WithWorkers(1))
			defer e.Close()
			ctx, cancel := context.WithCancelCause(t.Context())
			h, began := beginning(e, never, executor.TaskContext(ctx))
			<-began
			cancel(cause)
			_, err := future.Await(t.Context(), h)
			return err
		}},
		{"group", func(t *testing.T, cause error) error {
			return inTask(t, func(ctx context.Context) error {
				var h *executor.Handle[int]
				_ = executor.Scope(ctx, func(g *executor.TaskGroup) error {
					h = executor.Go(g, never)
					_ = executor.Yield(ctx)
					h.CancelCause(cause)
					return nil
				})
				_, err := future.Await(ctx, h)
				return err
			})
		}},
		{"supervised", func(t *testing.T, cause error) error {
			return inTask(t, func(ctx context.Context) error {
				var h *executor.Handle[int]
				ctx, cancel := context.WithCancelCause(ctx)
				_ = executor.Supervise(ctx, func(g *executor.TaskGroup) error {
					h = executor.Go(g, never)
					other := executor.Go(g, never)
					_ = executor.Yield(ctx)
					cancel(cause)
					_, err := future.Await(context.WithoutCancel(ctx), other)
					return err
				})
				_, err := future.Await(context.WithoutCancel(ctx), h)
				return err
			})
		}},
		{"runnable", func(t *testing.T, cause error) error {
			scheduled := make(chan bool, 1)
			r, h := executor.NewRunnableFunc(t.Context(), never, func(*executor.Runnable) { scheduled <- true })
			r.Run()
			h.CancelCause(cause)
			<-scheduled // by this goroutine, or by that of the context's callback
			r.Run()
			_, err := future.Await(t.Context(), h)
			return err
		}},
		{"result", func(t *testing.T, cause error) error {
			e, _ := logged(executor.WithWorkers(1))
			h, began := beginning(e, func(ctx context.Context) (int, error) {
				_, _ = never(ctx)
				return 0, cause
			})
			<-began
			_ = e.Close()
			_, err := future.Await(t.Context(), h)
			return err
		}},
	}
	causes := []struct {
		name string
		err  error
		is   func(error) bool
	}{
		{"uncomparable", uncomparable, func(err error) bool { a, ok := err.(apiError); return ok && a.Code == 503 }},
		{"wrapped", fmt.Errorf("wrapped: %w", uncomparable), func(err error) bool { return errors.As(err, new(apiError)) }},
		{"typed nil", (*net.OpError)(nil), func(err error) bool { p, ok := err.(*net.OpError); return ok && p == nil }},
		{"panics", &badError{}, func(err error) bool { _, ok := err.(*badError); return ok }},
	}
	for _, w := range ways {
		for _, c := range causes {
			t.Run(w.name+"/"+c.name, func(t *testing.T) {
				if err := w.do(t, c.err); !c.is(err) {
					t.Errorf("the result is a %T, want the %T", err, c.err)
				}
			})
		}
	}
}

// beginning is Go of fn, and the channel that is closed when it begins.
func beginning(s executor.Spawner, fn func(context.Context) (int, error), opts ...executor.TaskOption) (*executor.Handle[int], <-chan struct{}) {
	began := make(chan struct{})
	return executor.Go(s, func(ctx context.Context) (int, error) {
		close(began)
		return fn(ctx)
	}, opts...), began
}

// A canceled task that says so in one of the usual ways has not failed: not its scope,
// and not the log.
func TestCanceledIsNoFailure(t *testing.T) {
	cause := errors.New("not wanted any more")
	boom := errors.New("boom")
	tests := []struct {
		name, reason string
		cause        error
		result       func(ctx context.Context) error
		failure      bool
	}{
		{"Err", "most code of Go does that", cause, context.Context.Err, false},
		{"Cause", "an Await does", cause, context.Cause, false},
		{"wrapped Err", "with the place added", cause, func(ctx context.Context) error { return fmt.Errorf("query: %w", ctx.Err()) }, false},
		{"wrapped Cause", "the same", cause, func(ctx context.Context) error { return fmt.Errorf("query: %w", context.Cause(ctx)) }, false},
		{"joined", "one of several", cause, func(ctx context.Context) error { return errors.Join(boom, ctx.Err()) }, false},
		{"ErrCanceled", "a future that was canceled on the way", cause, func(context.Context) error { return future.ErrCanceled }, false},
		{"no cause", "the default is ErrCanceled", nil, context.Context.Err, false},
		{"deadline", "what a driver says when its time is up", context.DeadlineExceeded, func(context.Context) error { return fmt.Errorf("dial: %w", context.DeadlineExceeded) }, false},
		{"timeout", "ErrTimeout is a deadline's", future.ErrTimeout, func(context.Context) error { return context.DeadlineExceeded }, false},
		{"deadline of its own", "the cause was none", cause, func(context.Context) error { return context.DeadlineExceeded }, true},
		{"other", "it failed while it unwound", cause, func(context.Context) error { return boom }, true},
		{"panic", "is a bug", cause, func(context.Context) error { panic(cause) }, true},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			fn := func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, tc.result(ctx)
			}
			e, log := logged(executor.WithWorkers(2), executor.WithPanics(executor.PanicsReturned), executor.WithStallThreshold(0))
			h, began := beginning(e, fn)
			<-began
			h.CancelCause(tc.cause)
			h.Detach()
			ctx, cancel := context.WithCancelCause(t.Context())
			h, began = beginning(e, fn, executor.TaskContext(ctx), executor.TaskName("other"))
			<-began
			h.Detach()
			cancel(tc.cause)
			_, err := future.Await(t.Context(), executor.Do(e, func(ctx context.Context) (err error) {
				defer func() {
					if r := recover(); r != nil {
						err = future.Recovered(r)
					}
				}()
				return executor.Scope(ctx, func(g *executor.TaskGroup) error {
					h, began := beginning(g, fn)
					_, err := future.Await(ctx, future.Go(func() (int, error) { <-began; return 0, nil }))
					h.CancelCause(tc.cause)
					return err
				})
			}))
			if (err != nil) != tc.failure {
				t.Errorf("%s: the scope returns %v, want a failure: %v", tc.reason, err, tc.failure)
			}
			_ = e.Close()
			want := 0
			if tc.failure {
				want = 2
			}
			if n := strings.Count(log.String(), "task failed"); n != want {
				t.Errorf("%s: %d failures in the log, want %d: %s", tc.reason, n, want, log.String())
			}
		})
	}
}

// A task that is canceled by Close, or by a deadline of Shutdown, has not failed either.
func TestCanceledAtTheEndIsNoFailure(t *testing.T) {
	for name, end := range map[string]func(e *executor.Executor){
		"Close": func(e *executor.Executor) { _ = e.Close() },
		"Shutdown": func(e *executor.Executor) {
			ctx, cancel := context.WithTimeout(context.Background(), 0)
			defer cancel()
			_ = e.Shutdown(ctx)
		},
	} {
		for _, result := range []func(context.Context) error{context.Context.Err, context.Cause} {
			e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(0))
			h, began := beginning(e, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, result(ctx)
			})
			<-began
			h.Detach()
			end(e)
			if s := log.String(); s != "" {
				t.Errorf("%s: logged %q, want nothing", name, s)
			}
		}
	}
}

// A task whose context had ended with its parent's when it was canceled returns what ended
// its context: it has not failed.
func TestCanceledAfterItsParentIsNoFailure(t *testing.T) {
	for name, cancel := range map[string]func(e *executor.Executor, h *executor.Handle[int]){
		"CancelCause": func(_ *executor.Executor, h *executor.Handle[int]) { h.CancelCause(errors.New("late")) },
		"Close":       func(e *executor.Executor, _ *executor.Handle[int]) { go e.Close() },
	} {
		for _, result := range []func(context.Context) error{context.Context.Err, context.Cause} {
			e, log := logged(executor.WithWorkers(1), executor.WithStallThreshold(0))
			parent, end := context.WithTimeoutCause(t.Context(), time.Millisecond, errCause)
			defer end()
			canceled := make(chan bool)
			h, began := beginning(e, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				<-canceled
				return 0, result(ctx)
			}, executor.TaskContext(parent))
			h.Detach()
			<-began
			<-parent.Done()
			cancel(e, h)
			close(canceled)
			_ = e.Close()
			if s := log.String(); s != "" {
				t.Errorf("%s: logged %q, want nothing", name, s)
			}
		}
	}
}

// A panicHandler is a handler of a log with a bug.
type panicHandler struct{ slog.Handler }

func (panicHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (panicHandler) Handle(context.Context, slog.Record) error { panic("the handler") }
func (h panicHandler) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h panicHandler) WithGroup(string) slog.Handler           { return h }

// A handler of the log that panics ends no worker, and no handle waits because of it.
func TestLogHandlerThatPanics(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithLogger(slog.New(panicHandler{})))
	defer e.Close()
	executor.Go(e, func(context.Context) (int, error) { return 0, errors.New("a failure of a test") }).Detach()
	_, err := future.Await(t.Context(), executor.Do(e, func(ctx context.Context) (err error) {
		defer func() { err = future.Recovered(recover()) }()
		return executor.Scope(ctx, func(g *executor.TaskGroup) error {
			executor.Go(g, func(context.Context) (int, error) { panic("one") })
			executor.Go(g, func(context.Context) (int, error) { panic("two") }) // is logged
			return nil
		})
	}))
	if p, ok := err.(*future.PanicError); !ok || p.Value != "one" && p.Value != "two" {
		t.Errorf("got %v, want the first panic", err)
	}
	if v, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); v != 1 || err != nil {
		t.Errorf("a task after that: got %d, %v, want 1, nil", v, err)
	}
}

// All hooks of a task are called, in the order of the options, also those after one
// that panics. The panic is logged, and the result is what it was.
func TestHooksAddUp(t *testing.T) {
	e, log := logged(executor.WithWorkers(1))
	defer e.Close()
	for name, start := range map[string]func(opts ...executor.TaskOption) *executor.Handle[int]{
		"Go": func(opts ...executor.TaskOption) *executor.Handle[int] {
			return executor.Go(e, func(context.Context) (int, error) { return 7, nil }, opts...)
		},
		"Spawn": func(opts ...executor.TaskOption) *executor.Handle[int] {
			return executor.Spawn(e, future.Ready(7), opts...)
		},
		"Runnable": func(opts ...executor.TaskOption) *executor.Handle[int] {
			r, h := executor.NewRunnable(future.Ready(7), func(*executor.Runnable) {},
				append(opts, executor.TaskLogger(slog.New(slog.NewTextHandler(log, nil))))...)
			r.Run()
			return h
		},
	} {
		var calls []int
		done := make(chan bool)
		h := start(executor.TaskName("hooked "+name),
			executor.OnTaskEnd(func(error) { calls = append(calls, 1) }),
			executor.OnTaskEnd(func(error) { calls = append(calls, 2); panic("a hook's bug") }),
			executor.OnTaskEnd(func(error) { calls = append(calls, 3); go close(done) }))
		v, err := future.Await(t.Context(), h)
		<-done
		if v != 7 || err != nil || fmt.Sprint(calls) != "[1 2 3]" {
			t.Errorf("%s: %d, %v, and the hooks %v; want 7, nil, [1 2 3]", name, v, err, calls)
		}
		waitFor(t, "the report", func() bool { return strings.Contains(log.String(), "hooked "+name) })
	}
	if n := strings.Count(log.String(), "a hook's bug"); n < 3 {
		t.Errorf("%d panics are in the log, want 3: %s", n, log.String())
	}
}

// A scope learns of the end of a task after the task's own hooks.
func TestHooksAreCalledBeforeTheScopeEnds(t *testing.T) {
	var calls []string
	boom := errors.New("boom")
	err := inTask(t, func(ctx context.Context) error {
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			executor.Go(g, func(context.Context) (int, error) { return 0, boom },
				executor.OnTaskEnd(func(error) { calls = append(calls, "first") }),
				executor.OnTaskEnd(func(error) { calls = append(calls, "second") }))
			return nil
		})
		calls = append(calls, "scope")
		return err
	})
	if err != boom || fmt.Sprint(calls) != "[first second scope]" {
		t.Errorf("%v, %v; want boom, [first second scope]", err, calls)
	}
}
