package executor_test

import (
	"context"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"go.uber.org/goleak"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A switchable Runner calls what it is given until it is switched: then it drops it,
// or blocks.
type switchable struct {
	mu     sync.Mutex
	drops  bool
	blocks chan bool // if not nil
}

func (r *switchable) Submit(f func()) error {
	r.mu.Lock()
	drops, blocks := r.drops, r.blocks
	r.mu.Unlock()
	switch {
	case blocks != nil:
		<-blocks
		go f()
	case !drops:
		go f()
	}
	return nil
}

func (r *switchable) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drops = true
}

// block makes Submit block until unblock is called.
func (r *switchable) block() (unblock func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blocks = make(chan bool)
	return sync.OnceFunc(func() { close(r.blocks) })
}

// Runners that do not call any more, whether they block or drop.
var silent = []struct {
	name string
	make func(r *switchable) (end func())
}{
	{"drops", func(r *switchable) func() { r.drop(); return func() {} }},
	{"blocks", (*switchable).block},
}

// Tasks that have begun unwind on a goroutine of the executor's own once they are
// canceled, if the Runner does not call; those that never ran end at once.
func TestTasksUnwindThoughTheRunnerDoesNotCall(t *testing.T) {
	expired := func() context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(errCause)
		return ctx
	}
	cancels := []struct {
		name string
		do   func(e *executor.Executor, hs []*executor.Handle[int])
		want error
		left bool // it does not wait for the unwinding
	}{
		{"CancelCause", func(_ *executor.Executor, hs []*executor.Handle[int]) {
			for _, h := range hs {
				h.CancelCause(errCause)
			}
		}, errCause, true},
		{"Shutdown", func(e *executor.Executor, _ []*executor.Handle[int]) { _ = e.Shutdown(expired()) }, errCause, true},
		{"Close", func(e *executor.Executor, _ []*executor.Handle[int]) { _ = e.Close() }, executor.ErrClosed, false},
	}
	for _, kind := range silent {
		for _, c := range cancels {
			t.Run(kind.name+" "+c.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := new(switchable)
					e := executor.New(executor.WithRunner(r), executor.WithWorkers(2), quiet)
					var hs []*executor.Handle[int]
					cleaned, ran := 0, 0
					for range 3 {
						hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
							_, err := future.Await(ctx, future.Never[int]())
							_, _ = future.Await(context.WithoutCancel(ctx), future.After(time.Second)) // it cleans up
							_ = executor.Yield(context.WithoutCancel(ctx))
							cleaned++
							return 0, err
						}), executor.Spawn(e, future.Never[int]()))
					}
					synctest.Wait()
					defer kind.make(r)()
					for range 3 {
						hs = append(hs, executor.Go(e, func(context.Context) (int, error) { ran++; return 1, nil }))
					}
					synctest.Wait()
					began := time.Now()
					c.do(e, hs)
					for _, h := range hs[6:] {
						if _, ready, err := h.Poll(nil); !ready || err != c.want {
							t.Errorf("a task that never ran: %v, %v, want %v", ready, err, c.want)
						}
					}
					for i, h := range hs[:6] {
						if _, err := future.Await(t.Context(), h); err != c.want {
							t.Errorf("task %d: %v, want %v", i, err, c.want)
						}
					}
					if d := time.Since(began); d > time.Second+4*executor.UnwindPatience || cleaned != 3 || ran != 0 {
						t.Errorf("%d cleaned up, %d that never began ran, after %v", cleaned, ran, d)
					}
					if err := e.Close(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// A scope's children that have not begun begin with the ended context on a goroutine
// of the executor's own, so that the scope ends though the Runner does not call.
// Those that are started after its end do too.
func TestScopeUnwindsThoughTheRunnerDoesNotCall(t *testing.T) {
	for _, how := range []string{"task", "context"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := new(switchable)
				e := executor.New(executor.WithRunner(r), executor.WithWorkers(1), quiet)
				defer e.Close()
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				tx, rx := oneshot.New[int]()
				ran := 0
				fn := func(ctx context.Context) (int, error) {
					ran++
					return future.Await(ctx, future.Never[int]())
				}
				h := executor.Go(e, func(taskCtx context.Context) (int, error) {
					return 0, executor.Scope(taskCtx, func(g *executor.TaskGroup) error {
						r.drop() // once the worker rests it is not called again
						executor.GoIn(g, fn)
						executor.SpawnIn(g, future.Never[int]())
						executor.Spawn(e, rx) // not of the group
						_, err := future.Await(taskCtx, future.After(time.Minute))
						for range 3 {
							executor.GoIn(g, fn) // late
						}
						return err
					})
				}, executor.TaskContext(ctx))
				synctest.Wait()
				if how == "task" {
					h.CancelCause(errCause)
				} else {
					cancel(errCause)
				}
				if _, err := future.Await(t.Context(), h); err != errCause {
					t.Errorf("got %v, want the cause", err)
				}
				if ran != 4 {
					t.Errorf("%d children began, want 4", ran)
				}
				if s := e.Stats(); s.Live != 1 {
					t.Errorf("left %+v, want the one task that was not canceled", s)
				}
				_ = tx.Send(1)
			})
		})
	}
}

// A task that has not begun ends with its parent, if the Runner does not call.
func TestQueuedTaskEndsWithItsParentThoughTheRunnerDoesNotCall(t *testing.T) {
	for _, kind := range silent {
		for name, start := range map[string]func(e *executor.Executor, parent context.Context) *executor.Handle[int]{
			"Go": func(e *executor.Executor, parent context.Context) *executor.Handle[int] {
				return executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) },
					executor.TaskContext(parent))
			},
			"Spawn": func(e *executor.Executor, parent context.Context) *executor.Handle[int] {
				return executor.Spawn(e, future.Never[int](), executor.TaskContext(parent))
			},
		} {
			t.Run(kind.name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := new(switchable)
					e := executor.New(executor.WithRunner(r), executor.WithWorkers(2), quiet)
					parent, cancel := context.WithCancelCause(context.Background())
					unblock := kind.make(r)
					h := start(e, parent)
					time.Sleep(time.Second)
					cancel(errCause)
					time.Sleep(time.Second)
					if _, ready, err := h.Poll(nil); !ready || err != errCause {
						t.Errorf("a second after the end of its parent: got %v, %v, want true and the cause", ready, err)
					}
					unblock()
					if err := e.Close(); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// A task that was not canceled does not run on a goroutine of the executor's own.
func TestOnlyWhatMustEndUnwinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(switchable)
		e := executor.New(executor.WithRunner(r), executor.WithWorkers(1), quiet)
		defer e.Close()
		tx, rx := oneshot.New[int]()
		waits := executor.Spawn(e, rx)
		canceled := executor.Spawn(e, future.Never[int]())
		synctest.Wait()
		unblock := r.block()
		defer unblock()
		fresh := executor.Spawn(e, future.Ready(1))
		_ = tx.Send(7)
		canceled.CancelCause(errCause)
		time.Sleep(time.Hour)
		synctest.Wait()
		if !canceled.Done() || waits.Done() || fresh.Done() {
			t.Errorf("done: canceled %v, woken %v, fresh %v; want only the first", canceled.Done(), waits.Done(), fresh.Done())
		}
		unblock()
		if v, err := future.Await(t.Context(), waits); v != 7 || err != nil {
			t.Errorf("woken: %d, %v", v, err)
		}
		if v, err := future.Await(t.Context(), fresh); v != 1 || err != nil {
			t.Errorf("fresh: %d, %v", v, err)
		}
	})
}

// A task that blocks, or exits the goroutine, while it unwinds does not hold up the
// others that must end.
func TestUnwindingTaskThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(switchable)
		e := executor.New(executor.WithRunner(r), executor.WithWorkers(1), quiet)
		release := make(chan bool)
		var hs []*executor.Handle[int]
		for range 5 {
			hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
				_, err := future.Await(ctx, future.Never[int]())
				<-release
				return 0, err
			}), executor.Spawn(e, future.Future[int](exitingFuture{})), executor.Spawn(e, future.Never[int]()))
		}
		synctest.Wait()
		r.drop()
		for _, h := range hs {
			h.CancelCause(errCause)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for i, h := range hs {
			want := []error{nil, future.ErrGoexit, errCause}[i%3]
			if _, ready, err := h.Poll(nil); ready != (i%3 != 0) || err != want {
				t.Errorf("task %d: %v, %v, want %v", i, ready, err, want)
			}
		}
		time.AfterFunc(time.Hour, func() { close(release) })
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Close called by a Poll on the unwinding goroutine would wait for itself.
func TestCloseByAnUnwindingTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(switchable)
		e := executor.New(executor.WithRunner(r), executor.WithWorkers(1), quiet)
		var got error
		h := executor.Spawn(e, future.Future[int](closingFuture{e, &got}))
		synctest.Wait()
		r.drop()
		h.CancelCause(errCause)
		time.Sleep(time.Second)
		synctest.Wait() // synchronizes with the write of got
		if got != executor.ErrOwnTask || !h.Done() {
			t.Errorf("got %v, done %v, want ErrOwnTask", got, h.Done())
		}
		_ = e.Close()
	})
}

// A closingFuture closes an executor when it is canceled.
type closingFuture struct {
	e   *executor.Executor
	got *error
}

func (closingFuture) Poll(*future.Waker) (int, bool, error) { return 0, false, nil }
func (f closingFuture) Cancel()                             { *f.got = f.e.Close() }

// When the Runner calls again the executor goes on as before, also with tasks that
// have been unwound a part of the way.
func TestRunnerComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(switchable)
		e := executor.New(executor.WithRunner(r), executor.WithWorkers(1), quiet)
		defer e.Close()
		tx, rx := oneshot.New[int]()
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			_, _ = future.Await(ctx, future.Never[int]())
			return future.Await(context.WithoutCancel(ctx), rx)
		})
		synctest.Wait()
		unblock := r.block()
		h.CancelCause(errCause)
		time.Sleep(time.Second) // it waits for rx now
		synctest.Wait()
		unblock()
		synctest.Wait()
		r.mu.Lock()
		r.blocks = nil
		r.mu.Unlock()
		_ = tx.Send(7)
		if v, err := future.Await(t.Context(), h); v != 7 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		if v, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) {
			return 1, executor.Yield(ctx)
		})); v != 1 || err != nil {
			t.Errorf("the next task: %d, %v", v, err)
		}
	})
}

// A Runner that drops what it accepted is reported once, after seconds. A Shutdown
// with a deadline, a cancellation and an Await with a context end all the same, and
// nothing is left.
func TestRunnerThatDropsIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
		r := new(switchable)
		r.drop()
		var log logBuffer
		e := executor.New(executor.WithRunner(r), executor.WithWorkers(2), executor.WithName("mailer"), logTo(&log))
		fn := func(context.Context) (int, error) { return 1, nil }
		hs := []*executor.Handle[int]{executor.Go(e, fn), executor.Go(e, fn), executor.Go(e, fn)}
		time.Sleep(executor.SilencePatience - time.Millisecond)
		synctest.Wait()
		if log.String() != "" {
			t.Errorf("reported too early: %s", log.String())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		want := `^level=WARN msg="Runner does not call what it has accepted: [^"]*" executor=mailer since=5s tasks=3\n$`
		if !regexp.MustCompile(want).MatchString(log.String()) {
			t.Errorf("got the log\n%s\nwant\n%s", log.String(), want)
		}

		hs[0].CancelCause(errCause)
		if _, ready, err := hs[0].Poll(nil); !ready || err != errCause {
			t.Errorf("canceled: %v, %v", ready, err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errCause)
		defer cancel()
		if _, err := future.Await(ctx, hs[1]); err != errCause {
			t.Errorf("Await: %v", err)
		}
		late, cancel := context.WithTimeoutCause(t.Context(), time.Second, errCause)
		defer cancel()
		if err := e.Shutdown(late); !errors.Is(err, errCause) || !strings.Contains(err.Error(), "1 task ") {
			t.Errorf("Shutdown: %v, want one task and the cause", err)
		}
		if err := e.CloseContext(t.Context()); err != nil {
			t.Errorf("CloseContext: %v", err)
		}
	})
}

// The next silence is reported too, and none in which no task waits, nor a Runner that
// is only slow.
func TestSilenceIsReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(switchable)
		var log logBuffer
		var late []func()
		e := executor.New(executor.WithWorkers(1), logTo(&log), executor.WithRunner(runnerFunc(func(f func()) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.drops {
				late = append(late, f)
			} else {
				go f()
			}
			return nil
		})))
		defer e.Close()
		reports := func() int { return strings.Count(log.String(), "does not call") }
		for i := range 3 {
			r.drop()
			h := executor.Spawn(e, future.Ready(1))
			time.Sleep(time.Hour)
			synctest.Wait()
			if n := reports(); n != i+1 {
				t.Errorf("%d reports of %d silences: %s", n, i+1, log.String())
			}
			r.mu.Lock()
			r.drops = false
			for _, f := range late {
				go f()
			}
			late = nil
			r.mu.Unlock()
			if v, err := future.Await(t.Context(), h); v != 1 || err != nil {
				t.Errorf("%d, %v", v, err)
			}
			synctest.Wait()
		}
		r.drop()
		executor.Spawn(e, future.Never[int]()).CancelCause(nil) // nothing waits
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := reports(); n != 3 {
			t.Errorf("%d reports, want none of a silence in which no task waits: %s", n, log.String())
		}
	})
}

// A closed executor is not kept for as long as a silence of its Runner may last.
func TestClosedExecutorIsCollectedWithinASilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := func() weak.Pointer[executor.Executor] {
			calls := make(chan func(), 1)
			e := executor.New(executor.WithWorkers(1), executor.WithRunner(runnerFunc(func(f func()) error {
				calls <- f
				return nil
			})))
			h := executor.Spawn(e, future.Ready(1))
			f := <-calls
			synctest.Wait() // Submit has returned, so the silence has begun
			f()
			if v, err := future.Await(t.Context(), h); v != 1 || err != nil {
				t.Errorf("got %d, %v, want 1, nil", v, err)
			}
			if err := e.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			return weak.Make(e)
		}()
		time.Sleep(executor.SilencePatience / 2) // the runtime forgets timers that were shorter
		// The first collection may find e on a stack that has not been written over since.
		for range 10 {
			runtime.GC()
		}
		if closed.Value() != nil {
			t.Error("the executor is kept after Close, want it collected")
		}
	})
}

// Tasks that are canceled before they ran do not pile up in the queue of a Runner that
// does not call.
func TestCanceledTasksDoNotPileUp(t *testing.T) {
	r := new(switchable)
	r.drop()
	e := executor.New(executor.WithRunner(r), executor.WithWorkers(1), quiet)
	defer e.Close()
	left := executor.Spawn(e, future.Ready(1))
	var handles []weak.Pointer[executor.Handle[int]]
	for range 1000 {
		h := executor.Spawn(e, future.Ready(1))
		h.CancelCause(errCause)
		handles = append(handles, weak.Make(h))
	}
	waitFor(t, "the handles to be collected", func() bool {
		runtime.GC()
		kept := 0
		for _, h := range handles {
			if h.Value() != nil {
				kept++
			}
		}
		return kept < 100
	})
	if left.Done() {
		t.Error("the task that was not canceled has ended")
	}
}

// The unwinding goroutine and a Runner that calls after all do not run a task at once.
func TestUnwindingBesideTheRunner(t *testing.T) {
	for range 20 {
		gate := make(chan bool)
		e := executor.New(executor.WithWorkers(2), quiet, executor.WithRunner(runnerFunc(func(f func()) error {
			go func() { <-gate; f() }()
			return nil
		})))
		var hs []*executor.Handle[int]
		for range 20 {
			hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
				_, err := future.Await(ctx, future.Never[int]())
				for range 50 {
					_ = executor.Yield(context.WithoutCancel(ctx))
				}
				return 0, err
			}))
		}
		gate <- true
		waitFor(t, "all to wait", func() bool { return allWait(e) })
		for _, h := range hs {
			h.CancelCause(errCause)
		}
		time.Sleep(executor.UnwindPatience)
		runtime.Gosched()
		close(gate)
		for _, h := range hs {
			if _, err := future.Await(t.Context(), h); err != errCause {
				t.Error(err)
			}
		}
		_ = e.Close()
	}
}
