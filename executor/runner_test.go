package executor_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A runnerFunc is a Runner.
type runnerFunc func(func()) error

func (f runnerFunc) Submit(task func()) error { return f(task) }

// overloaded is a refusal that may be none a little later.
type overloaded struct{ error }

func (overloaded) Temporary() bool { return true }

// final is a refusal for good, of a kind that may also be for a while.
type final struct{ error }

func (final) Temporary() bool { return false }

// nameless is an error whose method panics if it is nil, as that of *net.OpError does.
type nameless struct{ temporary bool }

func (*nameless) Error() string     { return "nameless" }
func (n *nameless) Temporary() bool { return n.temporary }

var (
	errNameless = (*nameless)(nil)
	errFinal    = final{errors.New("the pool is draining")}
	errRefused  = errors.New("the pool is closed")
	errPanicked = &future.PanicError{Value: "the pool is broken"}
)

// Runners that are slow, odd, overloaded or closed: no task is lost.
func TestRunners(t *testing.T) {
	tests := []struct {
		name, reason string
		runner       func() executor.Runner
		want         error
	}{
		{"goroutines", "the simplest", func() executor.Runner {
			return runnerFunc(func(f func()) error { go f(); return nil })
		}, nil},
		{"at once", "within Submit, which may block", func() executor.Runner {
			return runnerFunc(func(f func()) error { f(); return nil })
		}, nil},
		{"one at a time", "Submit blocks while the only place is taken", func() executor.Runner {
			place := make(chan bool, 1)
			return runnerFunc(func(f func()) error {
				place <- true
				go func() {
					defer func() { <-place }()
					f()
				}()
				return nil
			})
		}, nil},
		{"twice", "what is called again does nothing", func() executor.Runner {
			return runnerFunc(func(f func()) error {
				go func() { f(); f() }()
				go f()
				return nil
			})
		}, nil},
		{"overloaded", "a temporary refusal is one to try again", func() executor.Runner {
			n := 0
			var mu sync.Mutex
			return runnerFunc(func(f func()) error {
				mu.Lock()
				defer mu.Unlock()
				if n++; n%4 != 0 {
					return overloaded{errRefused}
				}
				go f()
				return nil
			})
		}, nil},
		{"refusing", "tasks end with the refusal", func() executor.Runner {
			return runnerFunc(func(func()) error { return errRefused })
		}, errRefused},
		{"refusing for good", "a refusal may say that it is not temporary", func() executor.Runner {
			var tries atomic.Int32
			return runnerFunc(func(f func()) error {
				if tries.Add(1) < 1000 {
					return errFinal
				}
				go f()
				return nil
			})
		}, errFinal},
		{"refusing with a typed nil", "what its Temporary panics with is not ours", func() executor.Runner {
			return runnerFunc(func(func()) error { return errNameless })
		}, errNameless},
		{"exiting", "that is a refusal, too", func() executor.Runner {
			return runnerFunc(func(func()) error { runtime.Goexit(); return nil })
		}, future.ErrGoexit},
		{"panicking", "nobody else would know of it", func() executor.Runner {
			return runnerFunc(func(func()) error { panic(errPanicked) })
		}, errPanicked},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := executor.New(executor.WithRunner(tc.runner()), executor.WithWorkers(2))
				var hs []*executor.Handle[int]
				for i := range 20 {
					hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) {
						if _, err := future.Await(ctx, future.After(time.Second)); err != nil {
							return 0, err
						}
						v, err := future.Await(ctx, later(ctx, i))
						return v, err
					}), executor.Spawn(e, future.Map(future.After(time.Second), func(struct{}) (int, error) { return i, nil })))
				}
				for i, h := range hs {
					if v, err := future.Await(t.Context(), h); err != tc.want || err == nil && v != i/2 {
						t.Errorf("%s: task %d: %d, %v", tc.reason, i, v, err)
					}
				}
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A Runner is closed while tasks wait: they end with its refusal when they are
// woken, after their own clean-up, and with it at Close if they never are.
func TestRunnerClosesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := true
		e := executor.New(executor.WithWorkers(1), executor.WithRunner(runnerFunc(func(f func()) error {
			if !open {
				return errRefused
			}
			go f()
			return nil
		})))
		cleaned := 0
		start := func() (*oneshot.Sender[int], *executor.Handle[int]) {
			tx, rx := oneshot.New[int]()
			return tx, executor.Go(e, func(ctx context.Context) (int, error) {
				defer func() { cleaned++ }()
				if _, err := future.Await(ctx, rx); err != nil {
					return 0, err
				}
				return 1, executor.Yield(ctx)
			})
		}
		tx, woken := start()
		_, left := start()
		synctest.Wait()
		open = false
		_ = tx.Send(1)
		if _, err := future.Await(t.Context(), woken); err != errRefused {
			t.Errorf("woken: %v", err)
		}
		_ = e.Close()
		if _, err := future.Await(t.Context(), left); err != executor.ErrClosed && err != errRefused {
			t.Errorf("left: %v", err)
		}
		if cleaned != 2 {
			t.Errorf("%d cleaned up", cleaned)
		}
	})
}

// Tries after temporary refusals come after 1, 2, 4 and so on up to 100 ms.
func TestRunnerRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var tries []time.Duration
		e := executor.New(executor.WithWorkers(1), executor.WithRunner(runnerFunc(func(f func()) error {
			if tries = append(tries, time.Since(began)); len(tries) <= 9 {
				return overloaded{errRefused}
			}
			go f()
			return nil
		})))
		h := executor.Spawn(e, future.Ready(1))
		if v, err := future.Await(t.Context(), h); v != 1 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
		_ = e.Close()
		var want []time.Duration
		at := time.Duration(0)
		for _, ms := range []int{0, 1, 2, 4, 8, 16, 32, 64, 100, 100} {
			at += time.Duration(ms) * time.Millisecond
			want = append(want, at)
		}
		if !slices.Equal(tries, want) {
			t.Errorf("tries at %v\nwant %v", tries, want)
		}
	})
}

// spawnsTwo returns a future that spawns two tasks: one runs next on its worker, and
// the other is work for another worker, if that comes soon enough.
func spawnsTwo(e *executor.Executor) future.Future[int] {
	return future.Func(func(*future.Waker) (int, bool, error) {
		executor.Spawn(e, future.Ready(1))
		executor.Spawn(e, future.Ready(1))
		return 1, true, nil
	})
}

// Close ends them, if the Runner is not needed to end a task.
func TestRunnerRetriesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries atomic.Int32
		e := executor.New(executor.WithWorkers(2), executor.WithRunner(runnerFunc(func(f func()) error {
			if tries.Add(1) > 1 {
				return overloaded{errRefused}
			}
			go f()
			return nil
		})))
		if v, err := future.Await(t.Context(), executor.Spawn(e, spawnsTwo(e))); v != 1 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
		time.Sleep(time.Second)
		_ = e.Close()
		n := tries.Load()
		time.Sleep(time.Hour)
		if m := tries.Load(); n < 3 || m != n {
			t.Errorf("%d tries until Close, %d after it", n, m-n)
		}
	})
}

// A task that takes the goroutine along on which Submit runs it is no refusal.
func TestRunnerGoexit(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithRunner(runnerFunc(func(f func()) error { f(); return nil })))
	defer e.Close()
	for range 3 {
		spawned := make(chan bool)
		exits := executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) {
			<-spawned
			runtime.Goexit()
			return 0, true, nil
		}))
		next := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
		close(spawned)
		if _, err := future.Await(t.Context(), exits); err != future.ErrGoexit {
			t.Errorf("the task that exits: %v", err)
		}
		if v, err := future.Await(t.Context(), next); v != 1 || err != nil {
			t.Errorf("the task behind it: %d, %v", v, err)
		}
	}
}

// A Runner on which other work waits gets its goroutine back after a number of
// tasks, though there are more.
func TestRunnerTurn(t *testing.T) {
	queue := make(chan func(), 100)
	e := executor.New(executor.WithWorkers(1), executor.WithRunner(runnerFunc(func(f func()) error {
		queue <- f
		return nil
	})))
	over := false
	spin := func() *executor.Handle[int] {
		return executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
			w.Wake()
			return 1, over, nil
		}))
	}
	spinning := spin()
	for range 3 {
		(<-queue)() // comes back
	}
	over = true
	(<-queue)()
	if v, err := future.Await(t.Context(), spinning); v != 1 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
	over = false
	spinning = spin()
	(<-queue)()
	over = true
	go func() { (<-queue)() }()
	// The goroutine is no worker's while another has its turn: it may close.
	if err := e.Close(); err != nil || !spinning.Done() {
		t.Errorf("%v; the task has ended: %v", err, spinning.Done())
	}
}

// A worker that waits for its next turn has no task: what it had runs on another
// one, and is not held against it.
func TestRunnerIsSlow(t *testing.T) {
	tests := []struct {
		name, reason string
		workers      int
		end          func(e *executor.Executor) // of the last poll of a turn
	}{
		{"a task that goes on", "it waits for the only worker, and does not run", 1, func(*executor.Executor) {}},
		{"a task that exits", "the turn is over with it", 1, func(*executor.Executor) { runtime.Goexit() }},
		{"a task that it has just spawned", "another worker is idle", 2, func(e *executor.Executor) {
			executor.Spawn(e, future.Ready(1))
		}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var submitted atomic.Int32
				e, log := logged(executor.WithWorkers(tc.workers), executor.WithRunner(runnerFunc(func(f func()) error {
					if submitted.Add(1) == 2 {
						time.AfterFunc(time.Hour, f) // behind other work
					} else {
						go f()
					}
					return nil
				})))
				polls := 0
				executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
					w.Wake()
					if polls++; polls == executor.RunnerTurn {
						tc.end(e)
					}
					return 1, polls > executor.RunnerTurn, nil
				})).Detach()
				time.Sleep(time.Minute)
				if s := e.Stats(); tc.workers == 2 && s.Live != 0 {
					t.Errorf("%s, and a task waits: %+v", tc.reason, s)
				}
				time.Sleep(time.Hour)
				if s := e.Stats(); s.Stalls != 0 || s.Live != 0 {
					t.Errorf("%s: %+v %s", tc.reason, s, log.String())
				}
				_ = e.Close()
			})
		})
	}
}

// A Submit that blocks holds up the tasks that come meanwhile for no longer than
// another worker needs.
func TestRunnerHasRoomForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan bool)
		time.AfterFunc(time.Hour, func() { close(free) })
		var called atomic.Int32
		e := executor.New(executor.WithWorkers(2), executor.WithRunner(runnerFunc(func(f func()) error {
			if called.Add(1) == 2 {
				<-free
			}
			go f()
			return nil
		})))
		// The second worker is to run one of two tasks, and comes too late.
		if _, err := future.Await(t.Context(), executor.Spawn(e, spawnsTwo(e))); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		for range 3 {
			began := time.Now()
			if _, err := future.Await(t.Context(), executor.Spawn(e, future.Ready(1))); err != nil {
				t.Error(err)
			}
			if d := time.Since(began); d > executor.SubmitPatience {
				t.Errorf("a task waited %v for a worker that the Runner does not want, beside an idle one", d)
			}
		}
		_ = e.Close()
		<-free
	})
}

// Close does not wait for a Submit that blocks.
func TestCloseWhileSubmitBlocks(t *testing.T) {
	tests := []struct {
		name, reason string
		lets         int32 // so many calls of Submit do not block
		future       func(e *executor.Executor) future.Future[int]
		want         time.Duration
		err          error
	}{
		{"needed", "a task that never ran ends without a goroutine", 0, func(*executor.Executor) future.Future[int] {
			return future.Never[int]()
		}, 0, executor.ErrClosed},
		{"not needed", "another worker has run the tasks", 1, spawnsTwo, 0, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				free := make(chan bool)
				time.AfterFunc(time.Hour, func() { close(free) })
				var called atomic.Int32
				e := executor.New(executor.WithWorkers(2), executor.WithRunner(runnerFunc(func(f func()) error {
					if called.Add(1) > tc.lets {
						<-free
					}
					go f()
					return nil
				})))
				h := executor.Spawn(e, tc.future(e))
				synctest.Wait()
				if n := called.Load(); n != tc.lets+1 {
					t.Errorf("%d calls of Submit", n)
				}
				began := time.Now()
				_ = e.Close()
				if _, err := future.Await(t.Context(), h); err != tc.err {
					t.Errorf("%s: %v", tc.reason, err)
				}
				if d := time.Since(began); d != tc.want {
					t.Errorf("%s: Close took %v", tc.reason, d)
				}
				<-free
			})
		})
	}
}

// A goroutine of the Runner that a task takes along is no worker's any more: what it
// still has to do may wait for the executor.
func TestRunnerGoexitLeaves(t *testing.T) {
	queue := make(chan func(), 100)
	e := executor.New(executor.WithWorkers(1), executor.WithRunner(runnerFunc(func(f func()) error {
		queue <- f
		return nil
	})))
	exits := executor.Spawn(e, future.Func(func(*future.Waker) (int, bool, error) {
		runtime.Goexit()
		return 0, true, nil
	}))
	closed := make(chan error)
	go func() {
		defer func() { closed <- e.Close() }()
		(<-queue)()
	}()
	if err := <-closed; err != nil {
		t.Errorf("Close while the goroutine unwinds: %v", err)
	}
	if _, err := future.Await(t.Context(), exits); err != future.ErrGoexit {
		t.Errorf("the task that exits: %v", err)
	}
}
