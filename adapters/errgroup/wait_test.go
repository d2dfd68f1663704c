package errgroup_test

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

// A suspender is the task of some executor, as the methods of a group see it.
type suspender struct {
	waker  *future.Waker
	woken  chan struct{}
	during func() // what happens while the task is suspended for the first time
}

func newSuspender() *suspender {
	s := &suspender{woken: make(chan struct{}, 1)}
	s.waker = future.NewWaker(func() { s.woken <- struct{}{} })
	return s
}

func (s *suspender) Enter() (*future.Waker, uint32) { return s.waker, 0 }

func (s *suspender) Suspend(context.Context, any, uint32) uint32 {
	if f := s.during; f != nil {
		s.during = nil
		f()
	}
	<-s.woken
	return 0
}

// What waits in a task suspends it, and waits on when its context has ended:
// nobody could tell a place that was not given from one that was.
func TestTaskIsSuspended(t *testing.T) {
	tests := []struct {
		name, reason string
		limit        int
		wait         func(g *errgroup.Group, f func() error) error
	}{
		{"Wait", "there is something to wait for", -1,
			func(g *errgroup.Group, f func() error) error { return g.Wait() }},
		{"Group.Go", "the place is taken", 1,
			func(g *errgroup.Group, f func() error) error { g.Go(f); return nil }},
		{"Go", "the place is taken", 1,
			func(g *errgroup.Group, f func() error) error {
				errgroup.Go(g, func() (int, error) { return 0, f() })
				return nil
			}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			s := newSuspender()
			ctx, cancel := context.WithCancel(future.WithSuspender(t.Context(), s))
			cancel()
			g, _ := errgroup.WithContext(ctx)
			g.SetLimit(tc.limit)
			suspended := make(chan struct{})
			s.during = func() { close(suspended) }
			var ended atomic.Bool
			g.Go(func() error {
				select {
				case <-suspended:
				case <-time.After(10 * time.Second):
					t.Errorf("not suspended: %s", tc.reason)
				}
				ended.Store(true)
				return nil
			})
			after := func() error {
				if !ended.Load() {
					t.Errorf("waited, but not for the end: %s", tc.reason)
				}
				return nil
			}
			if err := tc.wait(g, after); err != nil {
				t.Error(err)
			}
			_ = after()
			if err := g.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A task that ends while it waits for a place leaves the place to others.
func TestSuspendedTaskExits(t *testing.T) {
	s := newSuspender()
	g, _ := errgroup.WithContext(future.WithSuspender(t.Context(), s))
	g.SetLimit(1)
	hold := make(chan struct{})
	g.Go(func() error { <-hold; return nil })
	s.during = runtime.Goexit
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		g.Go(func() error { t.Error("called, but nobody waited for its place"); return nil })
	}()
	<-exited
	close(hold)
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	g.SetLimit(2) // panics if the place was not given back
}

// When a wait is over everything has ended and every place was given back, and
// whoever waits is woken, however close the end is.
func TestWaitAtTheEnd(t *testing.T) {
	waits := map[string]func(g *errgroup.Group) error{
		"Wait": (*errgroup.Group).Wait,
		"WaitFuture": func(g *errgroup.Group) error {
			_, err := future.Await(t.Context(), g.WaitFuture())
			return err
		},
	}
	rounds := 100_000 // the moment between two steps is to be met with
	if testing.Short() {
		rounds = 5_000
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			var g errgroup.Group
			for i := range rounds {
				g.SetLimit(1 + i%2) // panics if a place is taken
				var begun, ended atomic.Int32
				var waits atomic.Bool
				for range 1 + i%2 {
					g.Go(func() error {
						begun.Add(1)
						for n := 0; !waits.Load(); n++ {
							if n%100 == 99 {
								runtime.Gosched()
							}
						}
						for range i % 200 {
							ended.Load() // a little later each time
						}
						ended.Add(1)
						return nil
					})
				}
				for int(begun.Load()) != 1+i%2 {
					runtime.Gosched()
				}
				var others sync.WaitGroup
				for range i % 3 {
					others.Go(func() {
						if err := wait(&g); err != nil {
							t.Error(err)
						}
					})
				}
				waits.Store(true)
				if err := wait(&g); err != nil || int(ended.Load()) != 1+i%2 {
					t.Fatalf("round %d: %v, %d ended", i, err, ended.Load())
				}
				others.Wait()
			}
		})
	}
}

// Whoever is told of the end finds the places free.
func TestPlacesAreFreeAtTheEnd(t *testing.T) {
	var g errgroup.Group
	g.SetLimit(1)
	hold := make(chan struct{})
	g.Go(func() error { <-hold; return nil })
	told := make(chan bool, 1)
	f := g.WaitFuture()
	if _, ready, _ := f.Poll(future.NewWaker(func() { told <- g.TryGo(func() error { return nil }) })); ready {
		t.Error("ready while a function is active")
	}
	close(hold)
	if free := <-told; !free {
		t.Error("the place is taken")
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// Tasks and goroutines that wait for a place get one in turn.
func TestPlacesAreSharedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(t, 1)
		var g errgroup.Group
		g.SetLimit(1)
		var mu sync.Mutex
		var order []string
		note := func(s string) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, s)
		}
		errgroup.GoTask(&g, e, func(context.Context) (int, error) {
			g.Go(func() error { time.Sleep(time.Second); return nil }) // has the task's place
			note("task")
			return 0, nil
		})
		synctest.Wait()
		for range 3 {
			go g.Go(func() error { note("goroutine"); return nil })
		}
		time.Sleep(time.Minute)
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		if i := slices.Index(order, "task"); i < 0 || i > 1 {
			t.Errorf("%v: the task waited for all of the goroutines", order)
		}
	})
}

// A task that ran in the group has no place to lend any more, and neither has
// what runs on the goroutine of the task after it.
func TestPlaceIsLentByTasksOfTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExecutor(t, 1)
		g, _ := errgroup.WithContext(t.Context())
		g.SetLimit(1)
		for range 10 {
			errgroup.GoTask(g, e, func(context.Context) (int, error) { return 0, nil })
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		hold := make(chan struct{})
		var held atomic.Bool
		held.Store(true)
		g.Go(func() error { <-hold; held.Store(false); return nil })
		h := executor.Go(e, func(context.Context) (int, error) {
			g.Go(func() error {
				if held.Load() {
					t.Error("two are active, with one place")
				}
				return nil
			})
			return 0, nil
		})
		time.Sleep(time.Second)
		close(hold)
		if _, err := future.Await(t.Context(), h); err != nil {
			t.Error(err)
		}
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// Whoever is told of an error finds that the group has failed with it.
func TestGroupFailsBeforeItsReceivers(t *testing.T) {
	tests := map[string]func() (int, error){
		"error":  func() (int, error) { return 0, errDoom },
		"panic":  func() (int, error) { panic(errDoom) },
		"goexit": func() (int, error) { runtime.Goexit(); return 0, nil },
	}
	for name, fn := range tests {
		t.Run(name, func(t *testing.T) {
			g, ctx := errgroup.WithContext(t.Context())
			hold := make(chan struct{})
			rx := errgroup.Go(g, func() (int, error) { <-hold; return fn() })
			told := make(chan error, 1)
			_, ready, _ := rx.Poll(future.NewWaker(func() { told <- context.Cause(ctx) }))
			if ready {
				t.Error("ready before its function has returned")
			}
			close(hold)
			cause := <-told
			_, err := rx.Recv()
			if err == nil || cause != err {
				t.Errorf("the receiver has %v, the group had %v", err, cause)
			}
			if werr := g.Wait(); werr != err {
				t.Errorf("Wait: %v", werr)
			}
		})
	}
}

// A wait that was given up is none: the group's context goes on, for functions that
// are still to come.
func TestGivenUpWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, ctx := errgroup.WithContext(t.Context())
		g.Go(func() error { time.Sleep(time.Minute); return nil })
		if _, err := future.Await(t.Context(), future.Timeout(g.WaitFuture(), time.Second)); err != future.ErrTimeout {
			t.Errorf("the wait: %v", err)
		}
		time.Sleep(time.Hour)
		if ctx.Err() != nil {
			t.Errorf("the context has ended: %v", context.Cause(ctx))
		}
		if err := g.Wait(); err != nil || ctx.Err() == nil {
			t.Errorf("Wait: %v; the context has ended: %v", err, ctx.Err())
		}
	})
}

// A waker that panics when a task of the group ends, which the executor logs, hurts no
// other wait, whether it waits for the end or for a place.
func TestWakerPanics(t *testing.T) {
	task := func(ctx context.Context) (struct{}, error) { return future.Await(ctx, future.After(time.Second)) }
	broken := func() *future.Waker { return future.NewWaker(func() { panic(errDoom) }) }
	tests := map[string]func(t *testing.T, e *executor.Executor){
		"of WaitFuture": func(t *testing.T, e *executor.Executor) {
			var g errgroup.Group
			errgroup.GoTask(&g, e, task)
			for _, w := range []*future.Waker{nil, broken(), nil, broken(), nil} {
				f := g.WaitFuture()
				if w == nil {
					defer func() {
						if _, err := future.Await(t.Context(), future.Timeout(f, time.Minute)); err != nil {
							t.Errorf("got %v, want nil", err)
						}
					}()
				} else if _, ready, _ := f.Poll(w); ready {
					t.Error("ready while a task is active")
				}
			}
			if err := g.Wait(); err != nil {
				t.Errorf("Wait: got %v, want nil", err)
			}
		},
		"of a place": func(t *testing.T, e *executor.Executor) {
			s := newSuspender()
			s.waker = future.NewWaker(func() { s.woken <- struct{}{}; panic(errDoom) })
			g, _ := errgroup.WithContext(future.WithSuspender(t.Context(), s))
			g.SetLimit(1)
			errgroup.GoTask(g, e, task)
			g.Go(func() error { return nil }) // waits for the place
			if _, err := future.Await(t.Context(), future.Timeout(g.WaitFuture(), time.Minute)); err != nil {
				t.Errorf("WaitFuture: got %v, want nil", err)
			}
			g.SetLimit(2) // panics if something counts as active
		},
	}
	for name, run := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := executor.New(executor.WithWorkers(1), executor.WithLogger(slog.New(slog.DiscardHandler)))
				run(t, e)
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
