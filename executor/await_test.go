package executor_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// result runs fn as a task of a new executor with one worker.
func result[T any](t *testing.T, fn func(ctx context.Context) (T, error)) (T, error) {
	t.Helper()
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	return future.Await(t.Context(), executor.Go(e, fn))
}

// later is a future of v that is not ready at once: another task resolves it.
func later[T any](ctx context.Context, v T) future.Future[T] {
	return executor.Go(executor.FromContext(ctx), func(ctx context.Context) (T, error) {
		return v, executor.Yield(ctx)
	})
}

// descend calls itself depth times, and awaits on every level, on the way down
// and on the way up.
func descend(ctx context.Context, depth int) (int, error) {
	var frame [512]byte
	frame[depth%len(frame)] = 1
	if depth == 0 {
		return 0, executor.Yield(ctx)
	}
	down, err := future.Await(ctx, later(ctx, 1))
	if err != nil {
		return 0, err
	}
	below, err := descend(ctx, depth-1)
	if err != nil {
		return 0, err
	}
	up, err := future.Await(ctx, later(ctx, 1))
	return down + below + up - 2 + int(frame[depth%len(frame)]), err
}

// A task may suspend at any depth, and many deep ones may be suspended at once.
func TestDeepStacks(t *testing.T) {
	const depth, tasks = 1000, 20
	e := executor.New(executor.WithWorkers(2))
	defer e.Close()
	var hs []future.Future[int]
	for range tasks {
		hs = append(hs, executor.Go(e, func(ctx context.Context) (int, error) { return descend(ctx, depth) }))
	}
	vs, err := future.Await(t.Context(), future.All(hs...))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range vs {
		if v != depth {
			t.Errorf("task %d: %d, want %d", i, v, depth)
		}
	}
}

// A goroutine that got the context of a task blocks for itself, whatever the task
// does meanwhile: the only worker goes on.
func TestContextInOtherGoroutine(t *testing.T) {
	v, err := result(t, func(ctx context.Context) (int, error) {
		e := executor.FromContext(ctx)
		tx, rx := oneshot.New[int]()
		g, gctx := errgroup.WithContext(ctx)
		sum := make(chan int, 1)
		g.Go(func() error { // resolved by a task that runs while this one waits
			v, err := future.Await(gctx, rx)
			sum <- v
			return err
		})
		executor.Go(e, func(ctx context.Context) (int, error) { return 0, tx.Send(7) })
		if _, err := future.Await(ctx, future.Go(func() (int, error) { return 0, g.Wait() })); err != nil {
			return 0, err
		}
		return <-sum, executor.Yield(ctx)
	})
	if v != 7 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}

// What a goroutine waits for with a task's context ends with the task.
func TestContextOutlivesTask(t *testing.T) {
	type waits struct{ err, cause error }
	got := make(chan waits, 1)
	tx, rx := oneshot.New[int]()
	_, err := result(t, func(ctx context.Context) (int, error) {
		go func() {
			_, err := future.Await(ctx, rx)
			got <- waits{err, context.Cause(ctx)}
		}()
		return 0, nil
	})
	if w := <-got; err != nil || w.err != context.Canceled || w.cause != context.Canceled {
		t.Errorf("%v, %v, %v", err, w.err, w.cause)
	}
	if tx.Send(1) != oneshot.ErrClosed {
		t.Errorf("what the goroutine awaited was not cancelled")
	}
}

// Whoever waits for the end of a task by its context is told of it.
func TestContextDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		_, err := result(t, func(ctx context.Context) (int, error) {
			go func() {
				derived, cancel := context.WithCancel(ctx)
				defer cancel()
				<-derived.Done()
				ended <- ctx.Err()
			}()
			synctest.Wait()
			return 1, nil
		})
		if cause := <-ended; cause != context.Canceled || err != nil {
			t.Errorf("%v, %v", cause, err)
		}
		// Also if the first to ask comes after a cancellation.
		hs := make(chan *executor.Handle[int], 1)
		e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
		defer e.Close()
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			(<-hs).CancelCause(errCause)
			<-ctx.Done()
			return 0, context.Cause(ctx)
		})
		hs <- h
		if _, err := future.Await(t.Context(), h); err != errCause {
			t.Error(err)
		}
	})
}

// The context of a task that has ended does not mistake the task that runs on its
// coroutine now for its own.
func TestContextOnCoroutineOfAnother(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	var old context.Context
	for i := range 3 {
		v, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) {
			if old != nil {
				ctx = context.WithoutCancel(old)
			}
			old = ctx
			return future.Await(ctx, future.Go(func() (int, error) { return i, executor.Yield(ctx) }))
		}))
		if v != i || err != nil {
			t.Errorf("%d, %v, want %d", v, err, i)
		}
	}
}

// A registrar is a context that counts who wants to know of its end.
type registrar struct {
	context.Context
	done chan struct{}
	live atomic.Int32
}

func (r *registrar) Done() <-chan struct{} { return r.done }
func (r *registrar) Err() error            { return nil }

func (r *registrar) AfterFunc(func()) (stop func() bool) {
	r.live.Add(1)
	return func() bool {
		r.live.Add(-1)
		return true
	}
}

// A task has told one context at a time to wake it, and none once it has ended.
func TestContextsForgetTask(t *testing.T) {
	var contexts [3]registrar
	count := func() (n int32) {
		for i := range contexts {
			n += contexts[i].live.Load()
		}
		return n
	}
	_, err := result(t, func(ctx context.Context) (int, error) {
		for range 2 {
			for i := range contexts {
				c := &contexts[i]
				if c.Context == nil {
					c.Context, c.done = ctx, make(chan struct{})
				}
				if _, err := future.Await(c, later(ctx, 1)); err != nil {
					return 0, err
				}
				if n := count(); n != 1 || c.live.Load() != 1 {
					t.Errorf("%d registered, of which %d with the last", n, c.live.Load())
				}
			}
		}
		return 1, nil
	})
	if n := count(); n != 0 || err != nil {
		t.Errorf("%v; %d are registered", err, n)
	}
}

// A reentrant is a parent of a task's context. While the context behind that is made,
// and asks for its end, somebody else makes it.
type reentrant struct {
	registrar
	meanwhile func()
}

func (r *reentrant) Done() <-chan struct{} {
	if f := r.meanwhile; f != nil {
		r.meanwhile = nil
		f()
	}
	return r.registrar.Done()
}

// Of two that make the context behind a task's at the same time, one makes it for
// nothing: the parent does not keep that.
func TestContextMadeTwice(t *testing.T) {
	parent := &reentrant{registrar: registrar{Context: t.Context(), done: make(chan struct{})}}
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	if _, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) {
		var first <-chan struct{}
		parent.meanwhile = func() { first = ctx.Done() }
		if second := ctx.Done(); second != first || first == nil {
			t.Error("the task's context has two ends")
		}
		if n := parent.live.Load(); n != 1 {
			t.Errorf("%d contexts hang on the parent, want 1", n)
		}
		return 0, nil
	}, executor.TaskContext(parent))); err != nil {
		t.Error(err)
	}
	if n := parent.live.Load(); n != 0 {
		t.Errorf("%d contexts hang on the parent of a task that has ended", n)
	}
}

// A large is a future of which somebody waits to be let go.
type large struct {
	future.Future[int]
	_ [1 << 10]byte
}

// newLarge returns one that is closed when the collector has found it.
func newLarge(f future.Future[int]) (*large, <-chan struct{}) {
	l, collected := &large{Future: f}, make(chan struct{})
	runtime.AddCleanup(l, func(c chan struct{}) { close(c) }, collected)
	return l, collected
}

func waitForCollection(t *testing.T, collected <-chan struct{}) {
	t.Helper()
	waitFor(t, "the collector", func() bool {
		runtime.GC()
		select {
		case <-collected:
			return true
		default:
			return false
		}
	})
}

// A task that goes on does not keep what it has awaited, also below combinators.
func TestAwaitedIsLetGo(t *testing.T) {
	for name, around := range map[string]func(f future.Future[int]) future.Future[int]{
		"itself": func(f future.Future[int]) future.Future[int] { return f },
		"Map":    func(f future.Future[int]) future.Future[int] { return future.Map(f, same) },
		"Then":   func(f future.Future[int]) future.Future[int] { return future.Then(f, future.Ready[int]) },
		"Then of it": func(f future.Future[int]) future.Future[int] {
			return future.Then(future.Ready(1), func(int) future.Future[int] { return f })
		},
		"OrElse": func(f future.Future[int]) future.Future[int] { return future.OrElse(f, future.Failed[int]) },
		"Catch": func(f future.Future[int]) future.Future[int] {
			return future.Catch(f, func(err error) (int, error) { return 0, err })
		},
		"Finally": func(f future.Future[int]) future.Future[int] { return future.Finally(f, func() {}) },
		"Lazy": func(f future.Future[int]) future.Future[int] {
			return future.Lazy(func() future.Future[int] { return f })
		},
		"Owned":   func(f future.Future[int]) future.Future[int] { return future.Owned(f, func(int) {}) },
		"Borrow":  future.Borrow[int],
		"Timeout": func(f future.Future[int]) future.Future[int] { return future.Timeout(f, time.Hour) },
		"Select2": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Select2(f, future.Never[int]()), func(e future.Either[int, int]) (int, error) { return e.A, nil })
		},
		"Join2": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Join2(f, future.Ready(1)), func(p future.Pair[int, int]) (int, error) { return p.A, nil })
		},
		"Select3": func(f future.Future[int]) future.Future[int] {
			return future.Map(future.Select3(f, future.Never[int](), future.Never[int]()), func(e future.Either3[int, int, int]) (int, error) { return e.A, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			awaited, seen := make(chan (<-chan struct{}), 1), make(chan bool)
			goOn := sync.OnceFunc(func() { close(seen) })
			e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
			defer e.Close()
			defer goOn()
			await := func(ctx context.Context) error {
				f, collected := newLarge(later(ctx, 1))
				_, err := future.Await(ctx, around(f))
				awaited <- collected
				return err
			}
			h := executor.Go(e, func(ctx context.Context) (int, error) {
				err := await(ctx)
				<-seen
				return 0, err
			})
			waitForCollection(t, <-awaited)
			goOn()
			if _, err := future.Await(t.Context(), h); err != nil {
				t.Error(err)
			}
		})
	}
}

// Nothing is a future of no large, which has one.
type nothing struct{ *large }

func (nothing) Poll(*future.Waker) (*large, bool, error) { return nil, true, nil }

// The handle of a task that has ended does not keep what the task was made of, nor
// the result once that is taken.
func TestEndedTaskLetsGo(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	value := func(l *large) *executor.Handle[*large] {
		return executor.Go(e, func(context.Context) (*large, error) { return l, nil })
	}
	fn := func(l *large) *executor.Handle[*large] {
		return executor.Go(e, func(context.Context) (*large, error) { _ = l.Future; return nil, nil })
	}
	polled := func(l *large) *executor.Handle[*large] { return executor.Spawn(e, nothing{l}) }
	closed := executor.New()
	closed.Close()
	refused := func(l *large) *executor.Handle[*large] { return executor.Spawn(closed, nothing{l}) }
	for i, start := range []func(l *large) *executor.Handle[*large]{value, fn, polled, refused} {
		h, collected := func() (*executor.Handle[*large], <-chan struct{}) {
			l, collected := newLarge(future.Ready(i))
			h := start(l)
			_, _ = future.Await(t.Context(), h)
			return h, collected
		}()
		waitForCollection(t, collected)
		runtime.KeepAlive(h)
	}
}

// Await in a task with a context that is not the task's own.
func TestDerivedContexts(t *testing.T) {
	type key struct{}
	late := errors.New("late")
	tests := []struct {
		name, reason string
		derive       func(ctx context.Context) (context.Context, context.CancelFunc)
		cancel       error // cancels the task after an hour
		want         error
	}{
		{"value", "values change nothing",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithValue(ctx, key{}, 1), func() {}
			}, errCause, errCause},
		{"cancelled", "its own end comes first",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(ctx)
				time.AfterFunc(time.Minute, func() { cancel(late) })
				return ctx, func() { cancel(nil) }
			}, errCause, late},
		{"timeout", "a time is a cause",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeoutCause(ctx, time.Minute, late)
			}, errCause, late},
		{"long timeout", "the task's end comes first",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 3*time.Hour)
			}, errCause, errCause},
		{"timeout without the task", "cut off from the task's cancellation, a time is a cause still",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeoutCause(context.WithoutCancel(ctx), 2*time.Hour, late)
			}, errCause, late},
		{"without cancel", "the result comes, though the task was cancelled long before",
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithoutCancel(ctx), func() {}
			}, errCause, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := executor.New(executor.WithWorkers(1))
				defer e.Close()
				h := executor.Go(e, func(ctx context.Context) (int, error) {
					// Two waits with two contexts, one after the other.
					if _, err := future.Await(ctx, future.After(time.Second)); err != nil {
						return 0, err
					}
					derived, cancel := tc.derive(ctx)
					defer cancel()
					_, err := future.Await(derived, future.After(24*time.Hour))
					return 1, err
				})
				time.AfterFunc(time.Hour, func() { h.CancelCause(tc.cancel) })
				if _, err := future.Await(t.Context(), h); err != tc.want {
					t.Errorf("%s: %v, want %v", tc.reason, err, tc.want)
				}
			})
		})
	}
}

// A cancelled task unwinds through its own code: its awaits fail at once, and
// what it does with a context without cancellation works as ever.
func TestCleanupAfterCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := executor.New(executor.WithWorkers(1))
		defer e.Close()
		var log []string
		note := func(s string, err error) {
			if err != nil {
				s += ": " + err.Error()
			}
			log = append(log, s)
		}
		h := executor.Go(e, func(ctx context.Context) (_ int, err error) {
			defer func() {
				_, err := future.Await(ctx, future.After(time.Hour))
				note("deferred wait", err)
				note("yield", executor.Yield(ctx))
				_, err = future.Await(ctx, future.Ready(1))
				note("what is ready", err)
				began := time.Now()
				_, err = future.Await(context.WithoutCancel(ctx), future.After(time.Hour))
				note("an hour without cancel", err)
				if d := time.Since(began); d != time.Hour {
					t.Errorf("it took %v", d)
				}
			}()
			_, err = future.Await(ctx, future.Never[int]())
			note("wait", err)
			return 0, err
		})
		time.Sleep(time.Second)
		h.CancelCause(errCause)
		h.CancelCause(errors.New("another cause"))
		if _, err := future.Await(t.Context(), h); err != errCause {
			t.Error(err)
		}
		want := "wait: the cause, deferred wait: the cause, yield: the cause, what is ready, an hour without cancel"
		if got := strings.Join(log, ", "); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
}

// Who cancels without a cause has given one all the same.
func TestCancelWithoutCause(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	for i, h := range []*executor.Handle[int]{
		executor.Spawn(e, future.Never[int]()),
		executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) }),
	} {
		h.CancelCause(nil)
		if _, err := future.Await(t.Context(), h); err != future.ErrCanceled {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// Deferred functions may await while the task panics or exits.
func TestAwaitWhileUnwinding(t *testing.T) {
	tests := []struct {
		name, reason string
		end          func()
		want         func(error) bool
	}{
		{"panic", "the panic goes on afterwards", func() { panic("boo") }, func(err error) bool {
			var p *future.PanicError
			return errors.As(err, &p) && p.Value == "boo" && strings.Contains(string(p.Stack), "TestAwaitWhileUnwinding")
		}},
		{"goexit", "so does the exit", runtime.Goexit, func(err error) bool { return err == future.ErrGoexit }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			sum := 0
			_, err := result(t, func(ctx context.Context) (int, error) {
				for range 3 {
					defer func() {
						v, _ := future.Await(ctx, later(ctx, 7))
						sum += v
					}()
				}
				if err := executor.Yield(ctx); err != nil { // exits after a suspension, too
					return 0, err
				}
				tc.end()
				return 0, nil
			})
			if !tc.want(err) || sum != 21 {
				t.Errorf("%s: %v, %d", tc.reason, err, sum)
			}
		})
	}
}

// A worker goes on after tasks that panic and exit, and so do its coroutines.
func TestCoroutinesAfterFailures(t *testing.T) {
	e := executor.New(executor.WithWorkers(1))
	defer e.Close()
	for i := range 300 {
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			if err := executor.Yield(ctx); err != nil {
				return 0, err
			}
			switch i % 3 {
			case 0:
				panic("boo")
			case 1:
				runtime.Goexit()
			}
			return i, nil
		})
		v, err := future.Await(t.Context(), h)
		if i%3 == 2 && (v != i || err != nil) || i%3 == 1 && err != future.ErrGoexit || i%3 == 0 && err == nil {
			t.Fatalf("%d: %d, %v", i, v, err)
		}
	}
}

// Tasks that come one after the other run on the same coroutine, also after one
// that panicked; one that exits takes it along.
func TestCoroutinesAreReused(t *testing.T) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0)) // no spare worker
	defer e.Close()
	run := func(end func()) string {
		h := executor.Go(e, func(ctx context.Context) (int, error) {
			end()
			return 0, executor.Yield(ctx)
		})
		_, _ = future.Await(t.Context(), h)
		goroutine, err := future.Await(t.Context(), executor.Go(e, func(context.Context) (string, error) {
			stack := string(debug.Stack())
			return stack[:strings.IndexByte(stack, '[')], nil
		}))
		if err != nil {
			t.Error(err)
		}
		return goroutine
	}
	first := run(func() {})
	if again := run(func() {}); again != first {
		t.Errorf("on %s, and then on %s", first, again)
	}
	if again := run(func() { panic("boo") }); again != first {
		t.Errorf("on %s, and after a panic on %s", first, again)
	}
	if again := run(runtime.Goexit); again == first {
		t.Errorf("on %s also after an exit", first)
	}
}

// Outside a task, also in a goroutine that has a task's context, Yield lets other
// goroutines run, and tells of the end of the context.
func TestYieldOutsideTask(t *testing.T) {
	if err := executor.Yield(t.Context()); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(errCause)
	if err := executor.Yield(ended); err != errCause {
		t.Error(err)
	}
	_, err := result(t, func(ctx context.Context) (int, error) {
		return future.Await(ctx, future.Go(func() (int, error) { return 0, executor.Yield(ctx) }))
	})
	if err != nil {
		t.Error(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var ran atomic.Bool
	go ran.Store(true)
	for range 10 { // the runtime may take the one that yields, now and then
		_ = executor.Yield(t.Context())
	}
	if !ran.Load() {
		t.Error("another goroutine has not run")
	}
}

// The functions of a future may await, in the middle of a Poll of several: a wake of
// the others that comes meanwhile is not lost to them.
func TestAwaitWithinPoll(t *testing.T) {
	// after is ready after a second, and then does something. That takes two more, in
	// the middle of which the other one is ready.
	after := func(do func() error) future.Future[int] {
		return future.Map(future.After(time.Second), func(struct{}) (int, error) { return 1, do() })
	}
	other := func() future.Future[int] {
		return future.Map(future.After(2*time.Second), func(struct{}) (int, error) { return 2, nil })
	}
	await := func(ctx context.Context) error {
		_, err := future.Await(ctx, future.After(2*time.Second))
		return err
	}
	join := func(ctx context.Context, f, g future.Future[int]) (int, error) {
		p, err := future.Await(ctx, future.Join2(f, g))
		return p.A + p.B, err
	}
	tests := []struct {
		name, reason string
		fn           func(ctx context.Context) (int, error)
	}{
		{"Join2, behind it", "the other one was polled before", func(ctx context.Context) (int, error) {
			return join(ctx, other(), after(func() error { return await(ctx) }))
		}},
		{"Join2, before it", "the other one is polled afterwards", func(ctx context.Context) (int, error) {
			return join(ctx, after(func() error { return await(ctx) }), other())
		}},
		{"All", "it polls those that were woken before", func(ctx context.Context) (int, error) {
			vs, err := future.Await(ctx, future.All(other(), after(func() error { return await(ctx) })))
			return vs[0] + vs[1], err
		}},
		{"Set", "so does it", func(ctx context.Context) (int, error) {
			var s future.Set[int]
			s.Add(after(func() error { return await(ctx) }))
			s.Add(other())
			sum := 0
			for s.Len() > 0 {
				r, err := future.Await(ctx, s.Next())
				if err != nil {
					return 0, err
				}
				sum += r.Value
			}
			return sum, nil
		}},
		{"an Await more", "it does not suspend, and begins after the wake", func(ctx context.Context) (int, error) {
			return join(ctx, other(), after(func() error {
				defer func() { _, _ = future.Await(ctx, future.Ready(1)) }()
				return await(ctx)
			}))
		}},
		{"a Join2 within", "what awaits is awaited by what awaits", func(ctx context.Context) (int, error) {
			return join(ctx, other(), after(func() error {
				_, err := join(ctx, other(), after(func() error { return executor.Yield(ctx) }))
				return err
			}))
		}},
		{"Yield", "it suspends, too", func(ctx context.Context) (int, error) {
			tx, rx := oneshot.New[int]()
			return join(ctx, rx, after(func() error {
				_ = tx.Send(2)
				return executor.Yield(ctx)
			}))
		}},
		{"the budget", "it suspends one that awaits what is ready", func(ctx context.Context) (int, error) {
			tx, rx := oneshot.New[int]()
			return join(ctx, rx, after(func() error {
				_ = tx.Send(2)
				for range 1000 {
					_, _ = future.Await(ctx, future.Ready(1))
				}
				return nil
			}))
		}},
	}
	places := []struct {
		name string
		run  func(ctx context.Context, fn func(context.Context) (int, error)) (int, error)
	}{
		{"a goroutine", func(ctx context.Context, fn func(context.Context) (int, error)) (int, error) { return fn(ctx) }},
		{"a task", executor.Run[int]},
		{"a Runnable", func(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
			r, h := executor.NewRunnableFunc(ctx, fn, func(r *executor.Runnable) { go r.Run() })
			r.Schedule()
			return future.Await(context.Background(), h)
		}},
	}
	for _, tc := range tests {
		for _, place := range places {
			t.Run(tc.name+" in "+place.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					began := time.Now()
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					defer cancel()
					v, err := place.run(ctx, tc.fn)
					if d := time.Since(began); v != 3 || err != nil || d > 3*time.Second {
						t.Errorf("%s: %d, %v after %v", tc.reason, v, err, d)
					}
				})
			})
		}
	}
}

// Functions that end the process run in another one: see TestProcess.
const processVariable = "EXECUTOR_TEST_PROCESS"

func TestProcess(t *testing.T) {
	lock := func(after func(ctx context.Context) error) func(t *testing.T) {
		return func(t *testing.T) {
			_, err := result(t, func(ctx context.Context) (int, error) {
				runtime.LockOSThread()
				return 0, after(ctx)
			})
			t.Logf("survived: %v", err)
		}
	}
	tests := []struct {
		name, reason string
		run          func(t *testing.T)
		survives     bool
		want         string
	}{
		{"locked thread, await", "a documented fatal error", lock(executor.Yield), false, "OS thread locking must match"},
		{"locked thread, return", "the coroutine belongs to others then", lock(func(context.Context) error { return nil }), false,
			"OS thread locking must match"},
		{"locked thread, poll", "the worker belongs to others", func(t *testing.T) {
			e := executor.New(executor.WithWorkers(1))
			defer e.Close()
			_, err := future.Await(t.Context(), executor.Spawn(e, future.Lazy(func() future.Future[int] {
				runtime.LockOSThread()
				return future.Ready(0)
			})))
			if err == nil {
				_, err = future.Await(t.Context(), executor.Go(e, func(context.Context) (int, error) { return 1, nil }))
			}
			t.Logf("survived: %v", err)
		}, false, "OS thread locking must match"},
		{"unlocked thread", "balanced calls are harmless", lock(func(ctx context.Context) error {
			runtime.UnlockOSThread()
			return executor.Yield(ctx)
		}), true, "survived: <nil>"},
		{"locked thread, Close", "the idle coroutines are not the closer's", func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			_, err := result(t, func(context.Context) (int, error) { return 1, nil })
			t.Logf("survived: %v", err)
		}, true, "survived: <nil>"},
		{"locked thread, Run", "its coroutines are the thread's, also one that exits", func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			_, err := executor.Run(t.Context(), func(ctx context.Context) (int, error) {
				if _, err := future.Await(ctx, later(ctx, 1)); err != nil {
					return 0, err
				}
				e := executor.FromContext(ctx)
				go e.Close() // may come before the end
				return future.Await(ctx, executor.Go(e, func(context.Context) (int, error) {
					runtime.Goexit()
					return 0, nil
				}))
			})
			t.Logf("survived: %v", err)
		}, true, "survived: "},
		{"locked thread, Runnable", "so are an event loop's", func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var l loop
			r, h := executor.NewRunnableFunc(t.Context(), func(ctx context.Context) (int, error) {
				_ = executor.Yield(ctx)
				runtime.Goexit()
				return 0, nil
			}, l.schedule)
			r.Schedule()
			l.run()
			_, _, err := h.Poll(nil)
			t.Logf("survived: %v", err)
		}, true, "survived: future: runtime.Goexit was called"},
		{"FailNow", "ends the task, and the test has failed", func(t *testing.T) {
			e := executor.New(executor.WithWorkers(1))
			defer e.Close()
			_, err := future.Await(t.Context(), executor.Go(e, func(ctx context.Context) (int, error) {
				t.FailNow()
				return 0, nil
			}))
			v, err2 := future.Await(t.Context(), executor.Go(e, func(context.Context) (int, error) { return 1, nil }))
			t.Logf("%v, and then %d, %v", err, v, err2)
		}, false, "runtime.Goexit was called, and then 1, <nil>"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			if os.Getenv(processVariable) != "" {
				tc.run(t)
				return
			}
			cmd := exec.Command(os.Args[0], "-test.run=^TestProcess$/^"+strings.ReplaceAll(tc.name, " ", "_")+"$", "-test.v", "-test.timeout=2m")
			cmd.Env = append(os.Environ(), processVariable+"=1")
			out, err := cmd.CombinedOutput()
			if (err == nil) != tc.survives || !strings.Contains(string(out), tc.want) {
				t.Errorf("%s: %v\n%s", tc.reason, err, out)
			}
		})
	}
}

// A task that takes one result after the other, all of which are there, lets others run.
func TestLoopsYield(t *testing.T) {
	const results = 100_000
	loops := []struct {
		name string
		loop func(ctx context.Context, body func() bool)
	}{
		{"Await", func(ctx context.Context, body func() bool) {
			for i := range results {
				if _, _ = future.Await(ctx, future.Ready(i)); !body() {
					return
				}
			}
		}},
		{"Completed", func(ctx context.Context, body func() bool) {
			fs := make([]future.Future[int], results)
			for i := range fs {
				fs[i] = future.Ready(i)
			}
			for range future.Completed(ctx, fs...) {
				if !body() {
					return
				}
			}
		}},
		{"Buffered", func(ctx context.Context, body func() bool) {
			seq := func(yield func(future.Future[int]) bool) {
				for i := 0; i < results && yield(future.Ready(i)); i++ {
				}
			}
			for range future.Buffered(ctx, seq, 4) {
				if !body() {
					return
				}
			}
		}},
	}
	for _, tc := range loops {
		t.Run(tc.name, func(t *testing.T) {
			n, err := executor.Run(t.Context(), func(ctx context.Context) (n int, _ error) { // where nobody takes over
				ran := false
				executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) { ran = true; return 0, nil })
				tc.loop(ctx, func() bool { n++; return !ran })
				return n, nil
			})
			if err != nil || n > 1000 {
				t.Errorf("another task ran after %d results; %v", n, err)
			}
		})
	}
}
