package executor_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A consumer waits for a future, in one of the ways there are. done is closed when
// it has an error or a result.
type consumer struct {
	name string
	// start lets the consumer wait for f, and returns where its end arrives.
	start func(e *executor.Executor, f future.Future[int]) <-chan error
}

var consumers = []consumer{
	{"goroutine", func(_ *executor.Executor, f future.Future[int]) <-chan error {
		return async(func() error { _, err := future.Await(context.Background(), f); return err })
	}},
	{"goroutine with a context", func(_ *executor.Executor, f future.Future[int]) <-chan error {
		ctx, cancel := context.WithCancel(context.Background())
		return async(func() error { defer cancel(); _, err := future.Await(ctx, f); return err })
	}},
	{"task", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error { _, err := future.Await(ctx, f); return err })
	}},
	{"spawned future", func(e *executor.Executor, f future.Future[int]) <-chan error {
		h := executor.Spawn(e, f)
		return async(func() error { _, err := future.Await(context.Background(), h); return err })
	}},
	{"child of All", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error { _, err := future.Await(ctx, future.All(f)); return err })
	}},
	{"child of a Race", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return async(func() error {
			_, err := future.Await(context.Background(), future.Race(future.Never[int](), f))
			return err
		})
	}},
	{"member of a Set", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error {
			var set future.Set[int]
			set.Add(f)
			r, err := future.Await(ctx, set.Next())
			return errors.Join(r.Err, err)
		})
	}},
	{"below combinators of one source", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error {
			m := future.Map(future.Timeout(f, time.Hour), func(v int) (int, error) { return v, nil })
			_, err := future.Await(ctx, future.Finally(future.Then(m, future.Ready[int]), func() {}))
			return err
		})
	}},
	{"loop over Buffered", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error {
			for _, err := range future.Buffered(ctx, func(yield func(future.Future[int]) bool) { yield(f) }, 1) {
				return err
			}
			return nil
		})
	}},
	{"child of Any", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error {
			_, err := future.Await(ctx, future.Any(future.Map(f, same)))
			return err
		})
	}},
	{"child of Settle", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return async(func() error {
			rs, err := future.Await(context.Background(), future.Settle(f))
			if err == nil {
				err = rs[0].Err
			}
			return err
		})
	}},
	{"part of a Join2", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error {
			_, err := future.Await(ctx, future.Join2(future.Ready(1), f))
			return err
		})
	}},
	{"part of a Select3", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return async(func() error {
			_, err := future.Await(context.Background(), future.Select3(future.Never[int](), f, future.Never[int]()))
			return err
		})
	}},
	{"clone of a Share", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error { _, err := future.Await(ctx, future.Share(f)); return err })
	}},
	{"below Owned, Borrow, OrElse and Lazy", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return async(func() error {
			l := future.Lazy(func() future.Future[int] { return future.Borrow(f) })
			or := future.OrElse(l, future.Failed[int])
			_, err := future.Await(context.Background(), future.Owned(or, func(int) {}))
			return err
		})
	}},
	{"loop over Completed", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return async(func() error {
			for _, r := range future.Completed(context.Background(), f) {
				return r.Err
			}
			return nil
		})
	}},
	{"loop over BufferedUnordered", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error {
			for _, err := range future.BufferedUnordered(ctx, func(yield func(future.Future[int]) bool) { yield(f) }, 2) {
				return err
			}
			return nil
		})
	}},
	{"All in All in Race", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return taskOf(e, func(ctx context.Context) error {
			_, err := future.Await(ctx, future.Race(future.All(future.All(f))))
			return err
		})
	}},
	{"Chan", func(e *executor.Executor, f future.Future[int]) <-chan error {
		return async(func() error { return (<-future.Chan(f)).Err })
	}},
}

func same(v int) (int, error) { return v, nil }

func async(fn func() error) <-chan error {
	c := make(chan error, 1)
	go func() { c <- fn() }()
	return c
}

func taskOf(e *executor.Executor, fn func(ctx context.Context) error) <-chan error {
	h := executor.Go(e, func(ctx context.Context) (int, error) { return 0, fn(ctx) })
	return async(func() error { _, err := future.Await(context.Background(), h); return err })
}

// wantBusy checks that a second consumer has got ErrBusy.
func wantBusy(t *testing.T, two <-chan error) {
	t.Helper()
	select {
	case err := <-two:
		if !errors.Is(err, future.ErrBusy) {
			t.Errorf("the second got %v, want ErrBusy", err)
		}
	default:
		t.Error("the second waits, want ErrBusy")
	}
}

// wantResult checks that the first consumer has got the result.
func wantResult(t *testing.T, one <-chan error) {
	t.Helper()
	select {
	case err := <-one:
		if err != nil {
			t.Errorf("the first got %v, want the result", err)
		}
	default:
		t.Error("the first still waits for a future that is ready")
	}
}

// Of two consumers that wait for one future the second gets ErrBusy, whatever they
// are, and the first goes on.
func TestSecondConsumerGetsErrBusy(t *testing.T) {
	leaves := []struct {
		name string
		leaf func(e *executor.Executor) (f future.Future[int], settle func())
	}{
		{"Receiver", func(*executor.Executor) (future.Future[int], func()) {
			tx, rx := oneshot.New[int]()
			return rx, func() { tx.Send(1) }
		}},
		{"Handle", func(e *executor.Executor) (future.Future[int], func()) {
			tx, rx := oneshot.New[int]()
			return executor.Spawn(e, rx), func() { tx.Send(1) }
		}},
		{"Go", func(*executor.Executor) (future.Future[int], func()) {
			c := make(chan struct{})
			return future.Go(func() (int, error) { <-c; return 1, nil }), func() { close(c) }
		}},
		{"FromChan", func(*executor.Executor) (future.Future[int], func()) {
			c := make(chan int, 1)
			return future.FromChan(c), func() { c <- 1 }
		}},
	}
	for _, leaf := range leaves {
		for _, first := range consumers {
			for _, second := range consumers {
				t.Run(leaf.name+"/"+first.name+"/"+second.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						e := executor.New(executor.WithWorkers(2))
						defer e.Close()
						f, settle := leaf.leaf(e)
						one := first.start(e, f)
						synctest.Wait()
						two := second.start(e, f)
						synctest.Wait()
						wantBusy(t, two)
						select {
						case err := <-one:
							t.Errorf("the first ended with %v, want that it waits", err)
						default:
						}
						settle()
						synctest.Wait()
						wantResult(t, one)
					})
				})
			}
		}
	}
}

// Futures that are made of others are given to one consumer, too.
func TestSecondConsumerOfCombinatorGetsErrBusy(t *testing.T) {
	made := map[string]func(f future.Future[int]) future.Future[int]{
		"All": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.All(f), func(v []int) (int, error) { return v[0], nil })
		},
		"Settle": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Settle(f), func(r []future.Result[int]) (int, error) { return r[0].Value, r[0].Err })
		},
		"Race": func(f future.Future[int]) future.Future[int] { return future.Race(f, future.Never[int]()) },
		"Any":  func(f future.Future[int]) future.Future[int] { return future.Any(future.Never[int](), f) },
		"Set.Next": func(f future.Future[int]) future.Future[int] {
			set := new(future.Set[int])
			set.Add(f)
			return future.Map(set.Next(), func(r future.Result[int]) (int, error) { return r.Value, r.Err })
		},
		"After": func(future.Future[int]) future.Future[int] {
			return future.Map(future.After(time.Minute), func(struct{}) (int, error) { return 0, nil })
		},
		"Timeout": func(f future.Future[int]) future.Future[int] { return future.Timeout(f, time.Hour) },
		"Select2": func(f future.Future[int]) future.Future[int] {
			s := future.Select2(future.Never[int](), f)
			return future.Map(s, func(e future.Either[int, int]) (int, error) { return e.B, nil })
		},
		"Select3": func(f future.Future[int]) future.Future[int] {
			s := future.Select3(future.Never[int](), f, future.Never[int]())
			return future.Map(s, func(e future.Either3[int, int, int]) (int, error) { return e.B, nil })
		},
		"clone of a Share": func(f future.Future[int]) future.Future[int] { return future.Share(f) },
		"Join2": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Join2(f, future.Ready(1)), func(p future.Pair[int, int]) (int, error) { return p.A, nil })
		},
	}
	for name, make := range made {
		for _, first := range consumers[:4] {
			for _, second := range consumers[:4] {
				t.Run(name+"/"+first.name+"/"+second.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						e := executor.New(executor.WithWorkers(2))
						defer e.Close()
						tx, rx := oneshot.New[int]()
						f := make(rx)
						one := first.start(e, f)
						synctest.Wait()
						two := second.start(e, f)
						synctest.Wait()
						wantBusy(t, two)
						tx.Send(1)
						time.Sleep(time.Hour)
						synctest.Wait()
						wantResult(t, one)
					})
				})
			}
		}
	}
}

// A future that was polled by one consumer, which has moved on, works for another.
func TestNextConsumerOfFutureGetsResult(t *testing.T) {
	movedOn := map[string]func(ctx context.Context, rx *oneshot.Receiver[int]){
		"polled with a waker of its own": func(ctx context.Context, rx *oneshot.Receiver[int]) {
			rx.Poll(future.NewWaker(func() {}))
		},
		"a Race decided without it": func(ctx context.Context, rx *oneshot.Receiver[int]) {
			keep := future.Func(rx.Poll) // Cancel of this leaves rx as it is
			future.Await(ctx, future.Race(keep, future.Func(yieldOnce())))
		},
		"a wait that was given up": func(ctx context.Context, rx *oneshot.Receiver[int]) {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			future.Await(ctx, future.Func(rx.Poll))
		},
	}
	for name, moveOn := range movedOn {
		for _, second := range consumers {
			t.Run(name+"/"+second.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := executor.New(executor.WithWorkers(2))
					defer e.Close()
					tx, rx := oneshot.New[int]()
					executor.Go(e, func(ctx context.Context) (int, error) {
						moveOn(ctx, rx)
						return future.Await(ctx, future.Never[int]())
					})
					synctest.Wait()
					time.Sleep(time.Second)
					two := second.start(e, rx)
					synctest.Wait()
					tx.Send(1)
					if err := <-two; err != nil {
						t.Errorf("the next consumer got %v, want the result", err)
					}
				})
			})
		}
	}
}

func yieldOnce() func(w *future.Waker) (int, bool, error) {
	polled := false
	return func(w *future.Waker) (int, bool, error) {
		if !polled {
			polled = true
			w.Wake()
			return 0, false, nil
		}
		return 0, true, nil
	}
}

// wantGivenTwice checks that a combinator has ended with the error of a future that is in
// it twice.
func wantGivenTwice(t *testing.T, end <-chan error) {
	t.Helper()
	select {
	case err := <-end:
		if !errors.Is(err, future.ErrBusy) && !errors.Is(err, future.ErrConsumed) {
			t.Errorf("got %v, want ErrBusy or ErrConsumed", err)
		}
	default:
		t.Error("hangs, want an error")
	}
}

// A future that is given to a combinator twice is an error of that combinator.
func TestFutureGivenTwiceIsAnError(t *testing.T) {
	twice := map[string]func(f future.Future[int]) future.Future[int]{
		"All": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.All(f, f), func([]int) (int, error) { return 0, nil })
		},
		"Settle": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Settle(f, f), func(rs []future.Result[int]) (int, error) {
				return 0, errors.Join(rs[0].Err, rs[1].Err)
			})
		},
		"Race": func(f future.Future[int]) future.Future[int] { return future.Race(f, f) },
		"All of Maps": func(f future.Future[int]) future.Future[int] {
			m := func() future.Future[int] {
				return future.Map(f, func(v int) (int, error) { return v, nil })
			}
			return future.Map(future.All(m(), m()), func([]int) (int, error) { return 0, nil })
		},
		"Join2": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Join2(f, f), func(future.Pair[int, int]) (int, error) { return 0, nil })
		},
	}
	for name, combine := range twice {
		for leaf, fresh := range map[string]func(e *executor.Executor) (future.Future[int], func()){
			"Receiver": func(*executor.Executor) (future.Future[int], func()) {
				tx, rx := oneshot.New[int]()
				return rx, func() { tx.Send(1) }
			},
			"Handle": func(e *executor.Executor) (future.Future[int], func()) {
				tx, rx := oneshot.New[int]()
				return executor.Spawn(e, rx), func() { tx.Send(1) }
			},
			"Go": func(*executor.Executor) (future.Future[int], func()) {
				c := make(chan struct{})
				return future.Go(func() (int, error) { <-c; return 1, nil }), func() { close(c) }
			},
		} {
			t.Run(name+"/"+leaf, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := executor.New(executor.WithWorkers(2))
					defer e.Close()
					f, settle := fresh(e)
					end := taskOf(e, func(ctx context.Context) error { _, err := future.Await(ctx, combine(f)); return err })
					synctest.Wait()
					settle()
					synctest.Wait()
					wantGivenTwice(t, end)
				})
			})
		}
	}
}

// A future that is in a combinator at two depths is an error of that combinator, whatever
// awaits it, and no wait without a wake or without an end.
func TestFutureGivenAtTwoDepthsIsAnError(t *testing.T) {
	all := func(f future.Future[int]) future.Future[int] {
		return future.Map(future.All(f, future.Never[int]()), func([]int) (int, error) { return 0, nil })
	}
	first := func(a, b future.Future[int]) future.Future[int] {
		return future.Map(future.Join2(a, b), func(future.Pair[int, int]) (int, error) { return 0, nil })
	}
	twice := map[string]func(f future.Future[int]) future.Future[int]{
		"Join2(f, All(f))":         func(f future.Future[int]) future.Future[int] { return first(f, all(f)) },
		"Join2(All(f), f)":         func(f future.Future[int]) future.Future[int] { return first(all(f), f) },
		"Join2(All(f), All(f))":    func(f future.Future[int]) future.Future[int] { return first(all(f), all(f)) },
		"Join2(All(All(f)), f)":    func(f future.Future[int]) future.Future[int] { return first(all(all(f)), f) },
		"Join2(f, All(Join2(f)))":  func(f future.Future[int]) future.Future[int] { return first(f, all(first(f, future.Ready(1)))) },
		"All(Join2(f, All(f)))":    func(f future.Future[int]) future.Future[int] { return all(first(f, all(f))) },
		"Join2(f, Race(f, Never))": func(f future.Future[int]) future.Future[int] { return first(f, future.Race(f, future.Never[int]())) },
		"Join2(Map(f), Settle(f))": func(f future.Future[int]) future.Future[int] {
			settle := future.Map(future.Settle(f), func(rs []future.Result[int]) (int, error) { return 0, rs[0].Err })
			return first(future.Map(f, same), settle)
		},
		"Join2(All(f), Timeout(f))": func(f future.Future[int]) future.Future[int] {
			return first(all(f), future.Timeout(f, time.Hour))
		},
	}
	for name, combine := range twice {
		for _, by := range consumers {
			t.Run(name+"/"+by.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := executor.New(executor.WithWorkers(2))
					defer e.Close()
					tx, rx := oneshot.New[int]()
					end := by.start(e, combine(rx))
					synctest.Wait()
					tx.Send(1)
					synctest.Wait()
					wantGivenTwice(t, end)
				})
			})
		}
	}
}

// A combinator that was left pending works when it is awaited again, also if another
// consumer had one of its futures meanwhile.
func TestPendingCombinatorIsAwaitedAgain(t *testing.T) {
	brief := func(f future.Future[int]) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		if _, err := future.Await(ctx, future.Borrow(f)); !errors.Is(err, context.DeadlineExceeded) {
			panic(err)
		}
	}
	for name, run := range map[string]func(e *executor.Executor, fn func(context.Context) error) <-chan error{
		"goroutine": func(_ *executor.Executor, fn func(context.Context) error) <-chan error {
			return async(func() error { return fn(context.Background()) })
		},
		"task": taskOf,
	} {
		for _, other := range []string{"itself", "goroutine", "task"} {
			t.Run(name+"/"+other, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					e := executor.New(executor.WithWorkers(2))
					defer e.Close()
					tx, rx := oneshot.New[int]()
					all := future.Map(future.All[int](rx, future.Ready(0)), func(vs []int) (int, error) { return vs[0], nil })
					end := run(e, func(ctx context.Context) error {
						brief(all)
						switch gate := make(chan struct{}); other {
						case "itself":
							brief(rx)
						case "goroutine":
							go func() { brief(rx); close(gate) }()
							future.Await(ctx, future.FromChan(gate))
						case "task":
							executor.Go(e, func(context.Context) (int, error) { brief(rx); close(gate); return 0, nil })
							future.Await(ctx, future.FromChan(gate))
						}
						_, err := future.Await(ctx, all)
						return err
					})
					time.Sleep(time.Second)
					tx.Send(1)
					synctest.Wait()
					select {
					case err := <-end:
						if err != nil {
							t.Errorf("got %v, want the value", err)
						}
					default:
						t.Error("hangs, want the value")
						tx.Close()
					}
				})
			})
		}
	}
}

// Two goroutines that wait for one receiver at the same moment: one at least gets
// Two goroutines that wait for one receiver at the same moment: one at least gets
// the message, and neither hangs.
func TestConsumersThatRaceDoNotHang(t *testing.T) {
	rounds := 20000
	if testing.Short() {
		rounds = 2000
	}
	for range rounds {
		tx, rx := oneshot.New[int]()
		wait := func() error { _, err := future.Await(context.Background(), rx); return err }
		one, two := async(wait), async(wait)
		for range 3 {
			runtime.Gosched()
		}
		tx.Send(1)
		a, b := <-one, <-two
		if a != nil && b != nil {
			t.Fatalf("both failed: %v, %v", a, b)
		}
		for _, err := range []error{a, b} {
			if err != nil && !errors.Is(err, future.ErrBusy) && !errors.Is(err, future.ErrConsumed) {
				t.Fatalf("got %v", err)
			}
		}
	}
}
