package executor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// While an executor is shut down its live tasks start children, by every way there is,
// and the children do too.
func TestShutdownLetsLiveTasksStartChildren(t *testing.T) {
	type starts func(ctx context.Context, e *executor.Executor) (int, error)
	seven := func(context.Context) (int, error) { return 7, nil }
	grandchild := func(ctx context.Context) (int, error) {
		return future.Await(ctx, executor.Go(executor.FromContext(ctx), seven))
	}
	tests := map[string]starts{
		"Go": func(ctx context.Context, e *executor.Executor) (int, error) {
			return future.Await(ctx, executor.Go(e, grandchild))
		},
		"Spawn": func(ctx context.Context, e *executor.Executor) (int, error) {
			return future.Await(ctx, executor.Spawn(e, future.Ready(7)))
		},
		"Go in a Poll": func(ctx context.Context, e *executor.Executor) (int, error) {
			return future.Await(ctx, executor.Spawn(e, future.Lazy(func() future.Future[int] { return executor.Go(e, seven) })))
		},
		"GoIn": func(ctx context.Context, e *executor.Executor) (v int, err error) {
			err = executor.Scope(ctx, func(g *executor.TaskGroup) (err error) {
				v, err = future.Await(ctx, executor.GoIn(g, grandchild))
				return err
			})
			return v, err
		},
		"SpawnIn from another goroutine": func(ctx context.Context, e *executor.Executor) (v int, err error) {
			err = executor.Scope(ctx, func(g *executor.TaskGroup) (err error) {
				v, err = future.Await(ctx, future.Go(func() (int, error) {
					return future.Await(context.Background(), executor.SpawnIn(g, future.Ready(7)))
				}))
				return err
			})
			return v, err
		},
		"with its context, from another goroutine": func(ctx context.Context, e *executor.Executor) (v int, err error) {
			return future.Await(ctx, future.Go(func() (int, error) {
				return future.Await(context.Background(), executor.Go(e, seven, executor.TaskContext(ctx)))
			}))
		},
	}
	for name, start := range tests {
		t.Run(name, func(t *testing.T) {
			e := executor.New(executor.WithWorkers(2), quiet)
			defer e.Close()
			goOn := make(chan bool)
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				if _, err := future.Await(ctx, future.FromChan(goOn)); err != nil && !errors.Is(err, future.ErrChanClosed) {
					return 0, err
				}
				return start(ctx, e)
			})
			over := shutDown(e)
			if _, err := future.Await(t.Context(), executor.Go(e, seven)); err != executor.ErrRefused {
				t.Errorf("an outsider's task: %v, want ErrRefused", err)
			}
			close(goOn)
			if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
				t.Errorf("got %d, %v, want 7", v, err)
			}
			if err := <-over; err != nil {
				t.Errorf("Shutdown: %v", err)
			}
		})
	}
}

// shutDown calls Shutdown on a goroutine, and returns when outsiders are refused.
func shutDown(e *executor.Executor) <-chan error {
	over := make(chan error, 1)
	go func() { over <- e.Shutdown(context.Background()) }()
	for {
		_, ready, err := executor.Spawn(e, future.Ready(1)).Poll(nil)
		if ready && err == executor.ErrRefused {
			return over
		}
		runtime.Gosched()
	}
}

// A goroutine that a task has started is an outsider, and so is a task of another
// executor, and code with the context of a task that has ended.
func TestShutdownRefusesOutsiders(t *testing.T) {
	e, other := executor.New(executor.WithWorkers(2), quiet), executor.New(executor.WithWorkers(1), quiet)
	defer other.Close()
	defer e.Close()
	goOn := make(chan bool)
	seven := func(context.Context) (int, error) { return 7, nil }
	var ended context.Context
	_, _ = future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) { ended = ctx; return 0, nil }))
	h := executor.Go(e, func(ctx context.Context) ([]error, error) {
		if _, err := future.Await(ctx, future.FromChan(goOn)); err != nil && !errors.Is(err, future.ErrChanClosed) {
			return nil, err
		}
		_, err1 := future.Await(ctx, future.Go(func() (int, error) {
			return future.Await(context.Background(), executor.Go(e, seven))
		}))
		_, err2 := future.Await(ctx, executor.Go(other, func(ctx context.Context) (int, error) {
			return future.Await(ctx, executor.Go(e, seven))
		}))
		_, err3 := future.Await(ctx, future.Go(func() (int, error) {
			return future.Await(context.Background(), executor.Go(e, seven, executor.TaskContext(ended)))
		}))
		return []error{err1, err2, err3}, nil
	})
	over := shutDown(e)
	close(goOn)
	errs, err := future.Await(t.Context(), h)
	if err != nil || len(errs) != 3 {
		t.Fatal(errs, err)
	}
	for i, err := range errs {
		if err != executor.ErrRefused {
			t.Errorf("outsider %d: %v, want ErrRefused", i, err)
		}
	}
	if err := <-over; err != nil {
		t.Error(err)
	}
}

// A task that starts children without end is stopped by Close, and by the end of the
// context of a Shutdown: those are refused.
func TestCloseRefusesChildren(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []func(e *executor.Executor) error{
			(*executor.Executor).Close,
			func(e *executor.Executor) error {
				// Not in the moment in which a link of the chain begins the next one.
				ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute+time.Second/2, errCause)
				defer cancel()
				if err := e.Shutdown(ctx); !errors.Is(err, errCause) {
					t.Errorf("Shutdown: %v, want the cause", err)
				}
				return e.Close()
			},
		} {
			e := executor.New(executor.WithWorkers(2), quiet)
			refused := make(chan error, 1)
			var chain func(ctx context.Context) (int, error)
			chain = func(ctx context.Context) (int, error) {
				_, _ = future.Await(ctx, future.After(time.Second))
				next := executor.Go(executor.FromContext(ctx), chain)
				if _, ready, err := next.Poll(nil); ready {
					refused <- err
				}
				return 0, nil
			}
			executor.Go(e, chain)
			synctest.Wait()
			if err := end(e); err != nil {
				t.Error(err)
			}
			if err := <-refused; err != executor.ErrRefused {
				t.Errorf("the last child: %v, want ErrRefused", err)
			}
		}
	})
}

// What Shutdown and CloseContext leave behind is in their errors: how many tasks, and
// of ten the name, the id and the place.
func TestErrorListsWhatRemains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, call := range []struct {
			name string
			do   func(e *executor.Executor, ctx context.Context) error
		}{{"Shutdown", (*executor.Executor).Shutdown}, {"CloseContext", (*executor.Executor).CloseContext}} {
			e := executor.New(executor.WithWorkers(1), executor.WithName("mailer"), executor.WithStallThreshold(0), quiet)
			release := make(chan bool)
			stubborn := func(ctx context.Context) (int, error) { <-release; return 0, nil }
			executor.Go(e, stubborn, executor.TaskName("stubborn"))
			for range 12 {
				executor.Go(e, func(ctx context.Context) (int, error) { return 0, nil })
			}
			synctest.Wait()
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
			began := time.Now()
			err := call.do(e, ctx)
			cancel()
			if d := time.Since(began); d != time.Minute || !errors.Is(err, errCause) {
				t.Errorf("%s: %v after %v, want the cause after a minute", call.name, err, d)
			}
			want := `^executor "mailer": 13 tasks canceled at shutdown: the cause; task 1 "stubborn" at \S+ \S+/shutdown_test.go:\d+(; task \d+ is queued){9}; and 3 more$`
			if call.name == "CloseContext" { // those that never ran have ended
				want = `^executor "mailer": 1 task left after Close: the cause; task 1 "stubborn" at \S+ \S+/shutdown_test.go:\d+$`
			}
			if !regexp.MustCompile(want).MatchString(err.Error()) {
				t.Errorf("%s: got the error\n%v\nwant\n%s", call.name, err, want)
			}
			if s := e.Stats(); s.Live != 1 {
				t.Errorf("%s: left %+v, want the stubborn task", call.name, s)
			}
			time.AfterFunc(time.Hour, func() { close(release) })
			began = time.Now()
			if err := e.Shutdown(context.Background()); err != nil || time.Since(began) != time.Hour {
				t.Errorf("%s: a Shutdown after it: %v after %v, want to have waited for the rest", call.name, err, time.Since(began))
			}
		}
	})
}

// What they leave behind ends by itself, and then leaks nothing, though no call waits
// for it.
func TestRestEndsByItself(t *testing.T) {
	defer goleak.VerifyNone(t)
	e := executor.New(executor.WithWorkers(2), quiet)
	tx, rx := oneshot.New[int]()
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		_, err := future.Await(ctx, future.Never[int]())
		return future.Await(context.WithoutCancel(ctx), future.Map(rx, func(v int) (int, error) { return v, err }))
	})
	idle := executor.Go(e, func(ctx context.Context) (int, error) { return 1, nil })
	if _, err := future.Await(t.Context(), idle); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the other one to wait", func() bool { return allWait(e) })
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, errCause)
	defer cancel()
	if err := e.CloseContext(ctx); !errors.Is(err, errCause) || strings.Contains(err.Error(), "2 tasks") {
		t.Errorf("CloseContext: %v, want the cause and one task", err)
	}
	_ = tx.Send(7)
	if _, err := future.Await(t.Context(), h); err != executor.ErrClosed {
		t.Errorf("the rest: %v", err)
	}
}

// Close ends what a Shutdown waits for. All calls of both return.
func TestCloseWhileShutdownWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		h := executor.Spawn(e, future.Never[int]())
		synctest.Wait()
		first, second := make(chan error), make(chan error)
		go func() { first <- e.Shutdown(context.Background()) }()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			second <- e.Shutdown(ctx)
		}()
		synctest.Wait()
		began := time.Now()
		if err := errors.Join(e.Close(), <-first, <-second); err != nil || time.Since(began) != 0 {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if _, _, err := h.Poll(nil); err != executor.ErrClosed {
			t.Error(err)
		}
	})
}

// The end of one Shutdown's context cancels what another one waits for.
func TestShutdownTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		executor.Spawn(e, future.Never[int]())
		patient := make(chan error)
		go func() { patient <- e.Shutdown(context.Background()) }()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errCause)
		defer cancel()
		if err := e.Shutdown(ctx); !errors.Is(err, errCause) {
			t.Errorf("got %v, want the cause", err)
		}
		if err := <-patient; err != nil {
			t.Errorf("the other one: %v", err)
		}
	})
}

// A task, the Poll of a spawned future, and what is called at the end of a task, on a
// worker or on the goroutine that cancels, would wait for themselves: ErrOwnTask.
func TestCloseByItsOwn(t *testing.T) {
	waits := func(e *executor.Executor) error {
		for _, err := range []error{e.Close(), e.Shutdown(context.Background()), e.CloseContext(context.Background())} {
			if err != executor.ErrOwnTask {
				return fmt.Errorf("got %v, want ErrOwnTask", err)
			}
		}
		return nil
	}
	t.Run("function", func(t *testing.T) {
		_, err := result(t, func(ctx context.Context) (int, error) { return 0, waits(executor.FromContext(ctx)) })
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("Poll", func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) {
			e.ForgetIdentities()
			return 0, true, waits(e)
		}))); err != nil {
			t.Error(err)
		}
	})
	t.Run("the end on a worker", func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		told := make(chan error, 1)
		executor.Spawn(e, future.Ready(1), executor.OnTaskEnd(func(error) { told <- waits(e) }))
		if err := <-told; err != nil {
			t.Error(err)
		}
	})
	t.Run("a task of a Run within a Run", func(t *testing.T) {
		inner := func(e *executor.Executor) error {
			_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
				return executor.Run(context.Background(), func(context.Context) (int, error) { return 0, waits(e) })
			})
			return err
		}
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		if _, err := future.Await(t.Context(), executor.Do(e, func(context.Context) error { return inner(e) })); err != nil {
			t.Errorf("in a function: %v", err)
		}
		if _, err := future.Await(t.Context(), executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) {
			return 0, true, inner(e)
		}))); err != nil {
			t.Errorf("in a Poll: %v", err)
		}
	})
	for _, how := range []string{"CancelCause", "Close"} {
		t.Run("the end within "+how, func(t *testing.T) {
			e, release := blocked(t)
			defer release()
			told := make(chan error, 1)
			h := executor.Spawn(e, future.Never[int](), executor.OnTaskEnd(func(error) { told <- waits(e) }))
			if how == "Close" {
				time.AfterFunc(time.Millisecond, release)
				_ = e.Close()
			} else {
				h.CancelCause(errCause)
				release()
				_ = e.Close()
			}
			if err := <-told; err != nil {
				t.Error(err)
			}
		})
	}
}

// A task of another executor that closes this one is suspended, and not its worker.
func TestCloseByATaskOfAnotherExecutor(t *testing.T) {
	other := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer other.Close()
	e := executor.New(executor.WithWorkers(1))
	tx, rx := oneshot.New[int]()
	executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(context.WithoutCancel(ctx), rx) })
	for !allWait(e) {
		runtime.Gosched()
	}
	closes := executor.Go(other, func(ctx context.Context) (int, error) { return 1, e.Close() })
	sends := executor.Go(other, func(ctx context.Context) (int, error) { return 1, tx.Send(1) })
	if v, err := future.Await(t.Context(), future.All[int](closes, sends)); len(v) != 2 || err != nil {
		t.Error(v, err)
	}
}

// The waker of one task's consumer panics in the goroutine that cancels them all: the
// others are canceled all the same, and the executor can be closed. A function of
// OnTaskEnd that panics does not even disturb.
func TestCloseWhenTheEndOfATaskPanics(t *testing.T) {
	e, release := blocked(t)
	var ended atomic.Int32
	for i := range 5 {
		h := executor.Spawn(e, future.Never[int](), executor.OnTaskEnd(func(error) {
			ended.Add(1)
			panic("told")
		}))
		if i == 2 {
			_, _, _ = h.Poll(future.NewWaker(func() { panic("boom") }))
		}
	}
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("recovered %v, want what the waker panicked with", r)
			}
		}()
		_ = e.Close()
	}()
	if n := ended.Load(); n != 5 {
		t.Errorf("%d tasks have ended, want 5", n)
	}
	release()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// From outside a Run a Shutdown of its executor returns with its context, though a
// child blocks the only thread.
func TestShutdownOfRunWhoseChildBlocks(t *testing.T) {
	release, inside := make(chan bool), make(chan *executor.Executor, 1)
	ran := make(chan error)
	go func() {
		_, err := executor.Run(context.Background(), func(ctx context.Context) (int, error) {
			e := executor.FromContext(ctx)
			executor.Go(e, func(context.Context) (int, error) { inside <- e; <-release; return 0, nil })
			return 1, executor.Yield(ctx)
		})
		ran <- err
	}()
	e := <-inside
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, errCause)
	defer cancel()
	if err := e.Shutdown(ctx); !errors.Is(err, errCause) {
		t.Errorf("Shutdown: %v, want the cause", err)
	}
	if err := e.CloseContext(ctx); !errors.Is(err, errCause) {
		t.Errorf("CloseContext: %v, want the cause", err)
	}
	close(release)
	<-ran
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// A nil context is a mistake that is named.
func TestShutdownWithNilContext(t *testing.T) {
	e := executor.New()
	defer e.Close()
	for name, call := range map[string]func(context.Context) error{"Shutdown": e.Shutdown, "CloseContext": e.CloseContext} {
		func() {
			defer func() {
				if r, want := recover(), "executor: "+name+" with a nil context"; r != want {
					t.Errorf("recovered %v, want %q", r, want)
				}
			}()
			_ = call(nil)
		}()
	}
}

// logTo returns an option that logs to a buffer, for a bubble.
func logTo(b *logBuffer) executor.Option {
	return executor.WithLogger(slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
}
