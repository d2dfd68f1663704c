package await_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"
	upstream "golang.org/x/sync/errgroup"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var errDoom = errors.New("doom")

// A function awaits something with the context that it is given, and says what
// came of it.
type function func(ctx context.Context) (string, error)

// said is what a function came to, in one string, a panic included.
func said(ctx context.Context, fn function) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint("panic: ", p)
		}
	}()
	v, err := fn(ctx)
	return fmt.Sprintf("%s, %v", v, err)
}

// world is where functions are called from.
type world struct {
	pool  *ants.Pool
	tasks *executor.Executor // one worker: to block it is to hang
	ants  *executor.Executor // on a pool of one worker
}

func newWorld(t *testing.T) *world {
	w := &world{pool: newPool(t, 1), tasks: executor.New(executor.WithWorkers(1))}
	w.ants = antsx.NewExecutor(newPool(t, 1))
	t.Cleanup(func() {
		w.ants.Close()
		w.tasks.Close()
	})
	return w
}

func newPool(t *testing.T, size int) *ants.Pool {
	t.Helper()
	p, err := ants.NewPool(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p
}

// inTask has fn called by a task of e.
func inTask(e *executor.Executor, fn func(ctx context.Context) string) string {
	return result(future.Await(context.Background(), executor.Go(e, func(ctx context.Context) (string, error) {
		return fn(ctx), nil
	})))
}

func result(text string, err error) string {
	if err != nil {
		return "the caller itself failed: " + err.Error()
	}
	return text
}

// callers are those who call the same function.
var callers = []struct {
	name string
	call func(w *world, fn function) string
}{
	{"main", func(w *world, fn function) string {
		return said(context.Background(), fn)
	}},
	{"go statement", func(w *world, fn function) string {
		text := make(chan string)
		go func() { text <- said(context.Background(), fn) }()
		return <-text
	}},
	{"ants worker", func(w *world, fn function) string {
		return result(antsx.Submit(w.pool, func() (string, error) {
			return said(context.Background(), fn), nil
		}).Recv())
	}},
	{"task", func(w *world, fn function) string {
		return inTask(w.tasks, func(ctx context.Context) string { return said(ctx, fn) })
	}},
	{"task with a derived context", func(w *world, fn function) string {
		return inTask(w.tasks, func(ctx context.Context) string {
			ctx, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			return said(ctx, fn)
		})
	}},
	{"task on an ants worker", func(w *world, fn function) string {
		return inTask(w.ants, func(ctx context.Context) string { return said(ctx, fn) })
	}},
	{"task of Run", func(w *world, fn function) string {
		return result(executor.Run(context.Background(), func(ctx context.Context) (string, error) {
			return said(ctx, fn), nil
		}))
	}},
	{"task of Run within a task", func(w *world, fn function) string {
		return inTask(w.ants, func(ctx context.Context) string {
			return result(executor.Run(ctx, func(ctx context.Context) (string, error) {
				return said(ctx, fn), nil
			}))
		})
	}},
	{"task of a custom executor", func(w *world, fn function) string {
		queue := make(chan *executor.Runnable, 1)
		r, h := executor.NewRunnableFunc(context.Background(), func(ctx context.Context) (string, error) {
			return said(ctx, fn), nil
		}, func(r *executor.Runnable) { queue <- r })
		r.Schedule()
		for r := range queue {
			if r.Run() {
				break
			}
		}
		return result(future.Await(context.Background(), h))
	}},
	{"goroutine of a task", func(w *world, fn function) string {
		return inTask(w.tasks, func(ctx context.Context) string {
			return result(future.Await(ctx, future.Go(func() (string, error) {
				return said(ctx, fn), nil
			})))
		})
	}},
	{"goroutine of a task's errgroup", func(w *world, fn function) string {
		return inTask(w.tasks, func(ctx context.Context) string {
			g, ctx := errgroup.WithContext(ctx)
			rx := errgroup.Go(g, func() (string, error) { return said(ctx, fn), nil })
			g.Wait()
			return result(rx.TryRecv())
		})
	}},
	{"goroutine of upstream's errgroup in a task", func(w *world, fn function) string {
		return inTask(w.tasks, func(ctx context.Context) string {
			g, ctx := upstream.WithContext(ctx)
			tx, rx := oneshot.New[string]()
			g.Go(func() error { return tx.Send(said(ctx, fn)) })
			return result(future.Await(ctx, rx))
		})
	}},
	{"ants worker with a task's context", func(w *world, fn function) string {
		return inTask(w.tasks, func(ctx context.Context) string {
			return result(future.Await(ctx, antsx.SubmitContext(ctx, w.pool, func(ctx context.Context) (string, error) {
				return said(ctx, fn), nil
			})))
		})
	}},
	{"task with another task's context", func(w *world, fn function) string {
		return inTask(w.tasks, func(outer context.Context) string {
			return result(future.Await(outer, executor.Go(w.ants, func(context.Context) (string, error) {
				return said(outer, fn), nil
			})))
		})
	}},
}

// later sends from a goroutine that starts when somebody waits.
func later(send func(tx *oneshot.Sender[string])) future.Future[string] {
	return future.Lazy(func() future.Future[string] {
		tx, rx := oneshot.New[string]()
		go send(tx)
		return rx
	})
}

// A function that awaits gives the same result whoever calls it.
func TestSameResultForEveryCaller(t *testing.T) {
	for _, tt := range []struct {
		name string
		fn   function
		want string
	}{
		{"ready", func(ctx context.Context) (string, error) {
			return future.Await(ctx, future.Ready("v"))
		}, "v, <nil>"},
		{"sent", func(ctx context.Context) (string, error) {
			return future.Await(ctx, later(func(tx *oneshot.Sender[string]) { tx.Send("v") }))
		}, "v, <nil>"},
		{"failed", func(ctx context.Context) (string, error) {
			return future.Await(ctx, later(func(tx *oneshot.Sender[string]) { tx.Fail(errDoom) }))
		}, ", doom"},
		{"sender closed", func(ctx context.Context) (string, error) {
			return future.Await(ctx, later(func(tx *oneshot.Sender[string]) { tx.Close() }))
		}, ", oneshot: sender is gone"},
		{"goroutine panicked", func(ctx context.Context) (string, error) {
			_, err := future.Await(ctx, future.Go(func() (string, error) { panic("oops") }))
			p, _ := errors.AsType[*future.PanicError](err)
			return fmt.Sprint(p.Value), nil
		}, "oops, <nil>"},
		{"many", func(ctx context.Context) (string, error) {
			fs := make([]future.Future[string], 100)
			for i := range fs {
				fs[i] = later(func(tx *oneshot.Sender[string]) { tx.Send(fmt.Sprint(i)) })
			}
			v, err := future.Await(ctx, future.All(fs...))
			return fmt.Sprintf("%d, last %s", len(v), v[99]), err
		}, "100, last 99, <nil>"},
		{"one after the other", func(ctx context.Context) (string, error) {
			text := ""
			for _, v := range []string{"a", "b", "c"} {
				got, err := future.Await(ctx, later(func(tx *oneshot.Sender[string]) { tx.Send(v) }))
				if err != nil {
					return text, err
				}
				text += got
			}
			return text, nil
		}, "abc, <nil>"},
		{"timeout", func(ctx context.Context) (string, error) {
			return future.Await(ctx, future.Timeout(future.Never[string](), time.Millisecond))
		}, ", future: timeout"},
		{"deadline", func(ctx context.Context) (string, error) {
			ctx, cancel := context.WithTimeoutCause(ctx, time.Millisecond, errDoom)
			defer cancel()
			return future.Await(ctx, future.Never[string]())
		}, ", doom"},
		{"cancelled meanwhile", func(ctx context.Context) (string, error) {
			ctx, cancel := context.WithCancelCause(ctx)
			return future.Await(ctx, later(func(tx *oneshot.Sender[string]) {
				defer tx.Close()
				closed := tx.Closed()
				cancel(errDoom)
				future.Await(context.Background(), closed) // the receiver goes
			}))
		}, ", doom"},
		{"cancelled before, result there", func(ctx context.Context) (string, error) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return future.Await(ctx, future.Ready("v"))
		}, "v, <nil>"},
		{"awaited twice", func(ctx context.Context) (string, error) {
			f := future.Ready("v")
			future.Await(ctx, f)
			_, err := future.Await(ctx, f)
			return fmt.Sprint(errors.Is(err, future.ErrConsumed)), nil
		}, "true, <nil>"},
		{"nil", func(ctx context.Context) (string, error) {
			_, err := future.Await[string](ctx, nil)
			return fmt.Sprint(errors.Is(err, future.ErrNil)), nil
		}, "true, <nil>"},
		{"poll panics", func(ctx context.Context) (string, error) {
			return future.Await(ctx, future.Func(func(*future.Waker) (string, bool, error) { panic("oops") }))
		}, "panic: oops"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, caller := range callers {
				t.Run(caller.name, func(t *testing.T) {
					if got := caller.call(newWorld(t), tt.fn); got != tt.want {
						t.Errorf("got %q, want %q", got, tt.want)
					}
				})
			}
		})
	}
}

// Tasks that wait for each other's results need no more than one worker of an
// ants pool, whichever way they need it.
func TestPoolOfOne(t *testing.T) {
	const n = 100
	t.Run("chain of tasks on the pool", func(t *testing.T) {
		e := antsx.NewExecutor(newPool(t, 1))
		defer e.Close()
		// Each waits for the one that starts after it.
		var chain func(ctx context.Context, depth int) (int, error)
		chain = func(ctx context.Context, depth int) (int, error) {
			if depth == 0 {
				return 0, nil
			}
			v, err := future.Await(ctx, executor.Go(e, func(ctx context.Context) (int, error) {
				return chain(ctx, depth-1)
			}))
			return v + 1, err
		}
		if v, err := chain(context.Background(), n); v != n || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
	})
	t.Run("ring of tasks on the pool", func(t *testing.T) {
		e := antsx.NewExecutor(newPool(t, 1))
		defer e.Close()
		ring(t, e, n)
	})
	t.Run("tasks on the pool await calls of the pool", func(t *testing.T) {
		p := newPool(t, 1)
		e := antsx.NewExecutor(p)
		defer e.Close()
		square(t, e, p, n)
	})
	t.Run("tasks elsewhere await calls of the pool", func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		square(t, e, newPool(t, 1), n)
	})
	t.Run("calls of the pool await tasks elsewhere", func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		p := newPool(t, 1)
		calls := make([]future.Future[int], n)
		for i := range calls {
			calls[i] = antsx.Submit(p, func() (int, error) { // blocks the one worker
				return future.Await(context.Background(), executor.Go(e, func(ctx context.Context) (int, error) {
					return i, executor.Yield(ctx)
				}))
			})
		}
		expectIndices(t, future.All(calls...), 1)
	})
	t.Run("two pools, each with an executor that awaits the other", func(t *testing.T) {
		a, b := antsx.NewExecutor(newPool(t, 1)), antsx.NewExecutor(newPool(t, 1))
		defer a.Close()
		defer b.Close()
		var bounce func(ctx context.Context, depth int) (int, error)
		bounce = func(ctx context.Context, depth int) (int, error) {
			if depth == 0 {
				return 0, nil
			}
			e := []*executor.Executor{a, b}[depth%2]
			v, err := future.Await(ctx, executor.Go(e, func(ctx context.Context) (int, error) {
				return bounce(ctx, depth-1)
			}))
			return v + 1, err
		}
		if v, err := bounce(context.Background(), n); v != n || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
	})
}

// ring makes tasks that each wait for their neighbour before they tell the other
// one: all have to be waiting when the first is told.
func ring(t *testing.T, e *executor.Executor, n int) {
	t.Helper()
	tx := make([]*oneshot.Sender[int], n+1)
	rx := make([]*oneshot.Receiver[int], n+1)
	for i := range tx {
		tx[i], rx[i] = oneshot.New[int]()
	}
	handles := make([]future.Future[int], n)
	for i := range handles {
		handles[i] = executor.Go(e, func(ctx context.Context) (int, error) {
			v, err := future.Await(ctx, rx[i])
			if err != nil {
				return 0, err
			}
			return v, tx[i+1].Send(v + 1)
		})
	}
	tx[0].Send(0)
	expectIndices(t, future.All(handles...), 1)
	if v, err := rx[n].TryRecv(); v != n || err != nil {
		t.Errorf("round the ring came %d, %v", v, err)
	}
}

// square makes tasks that each await many calls of a pool, from within each other.
func square(t *testing.T, e *executor.Executor, p *ants.Pool, n int) {
	t.Helper()
	handles := make([]future.Future[int], n)
	for i := range handles {
		handles[i] = executor.Go(e, func(ctx context.Context) (int, error) {
			sum := 0
			for range 3 {
				v, err := future.Await(ctx, antsx.Submit(p, func() (int, error) { return i, nil }))
				if err != nil {
					return 0, err
				}
				sum += v
			}
			return sum, nil
		})
	}
	expectIndices(t, future.All(handles...), 3)
}

// expectIndices checks that the value at i is factor times i.
func expectIndices(t *testing.T, f future.Future[[]int], factor int) {
	t.Helper()
	values, err := future.Await(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if v != factor*i {
			t.Errorf("value %d is %d, want %d", i, v, factor*i)
		}
	}
}

// Loops go by one rule when their context ends: the results that are there are given,
// and then the cause. Whether it is given if all results were there is a loop's own.
func TestLoopsGiveWhatIsThere(t *testing.T) {
	const n = 4
	type seq = iter.Seq2[int, error]
	// results returns n futures, of which the last is never ready, unless all are.
	results := func(all bool) []future.Future[int] {
		fs := make([]future.Future[int], n)
		for i := range fs {
			tx, rx := oneshot.New[int]()
			if fs[i] = rx; all || i < n-1 {
				_ = tx.Send(i)
			}
		}
		return fs
	}
	// call is the same as a function. No call returns before all have begun: a value that
	// the loop has not taken from its sequence has no result.
	call := func(all bool) func(ctx context.Context, i int) (int, error) {
		var begun atomic.Int32
		allBegun := make(chan struct{})
		return func(ctx context.Context, i int) (int, error) {
			if begun.Add(1) == n {
				close(allBegun)
			}
			<-allBegun
			if !all && i == n-1 {
				<-ctx.Done()
				time.Sleep(time.Second) // the loop does not wait for it
			}
			return i, nil
		}
	}
	indices := slices.Values([]int{0, 1, 2, 3})
	loops := map[string]func(ctx context.Context, t *testing.T, all bool) seq{
		"future.Buffered": func(ctx context.Context, _ *testing.T, all bool) seq {
			return future.Buffered(ctx, slices.Values(results(all)), n)
		},
		"future.BufferedUnordered": func(ctx context.Context, _ *testing.T, all bool) seq {
			return future.BufferedUnordered(ctx, slices.Values(results(all)), n)
		},
		"future.Completed": func(ctx context.Context, _ *testing.T, all bool) seq {
			return func(yield func(int, error) bool) {
				for _, r := range future.Completed(ctx, results(all)...) {
					if !yield(r.Value, r.Err) {
						return
					}
				}
			}
		},
		"ants.Map": func(ctx context.Context, t *testing.T, all bool) seq {
			return antsx.Map(ctx, newPool(t, n), indices, call(all))
		},
		"ants.MapUnordered": func(ctx context.Context, t *testing.T, all bool) seq {
			return antsx.MapUnordered(ctx, newPool(t, n), indices, call(all))
		},
	}
	for name, loop := range loops {
		for all, want := range map[bool]string{true: "[0 1 2 3]", false: "[0 1 2] doom"} {
			t.Run(fmt.Sprintf("%s/all=%v", name, all), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancelCause(t.Context())
					defer cancel(nil)
					var got []int
					var last error
					for v, err := range loop(ctx, t, all) {
						if last = err; err != nil {
							continue // it is to be the last
						}
						if got = append(got, v); len(got) == 1 {
							time.Sleep(time.Minute) // until the others are there
							cancel(errDoom)
						}
					}
					slices.Sort(got)
					if got := fmt.Sprint(got, last); got != want && !(all && strings.HasPrefix(got, want)) {
						t.Errorf("got %s, want %s", got, want)
					}
				})
			})
		}
	}
}
