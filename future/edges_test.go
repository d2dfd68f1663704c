package future_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// once polls f with no waker and requires that it is ready.
func once[T any](t *testing.T, f future.Future[T]) (T, error) {
	t.Helper()
	v, ready, err := f.Poll(nil)
	if !ready {
		t.Fatal("not ready")
	}
	return v, err
}

func TestNothingToWaitFor(t *testing.T) {
	if vs, err := once(t, future.All[int]()); vs == nil || len(vs) != 0 || err != nil {
		t.Errorf("All() = (%v, %v), want an empty slice", vs, err)
	}
	if rs, err := once(t, future.Settle[int]()); rs == nil || len(rs) != 0 || err != nil {
		t.Errorf("Settle() = (%v, %v), want an empty slice", rs, err)
	}
	if _, err := once(t, future.Race[int]()); err != future.ErrNoFutures {
		t.Errorf("Race() = %v, want ErrNoFutures", err)
	}
	if _, err := once(t, future.Any[int]()); err != future.ErrNoFutures {
		t.Errorf("Any() = %v, want ErrNoFutures", err)
	}
	var set future.Set[int]
	if _, err := once(t, set.Next()); err != future.ErrNoFutures {
		t.Errorf("Next of an empty Set: %v, want ErrNoFutures", err)
	}
	set.Cancel() // of nothing
	for range future.Completed[int](background) {
		t.Error("Completed() yields something")
	}
	none := func(func(future.Future[int]) bool) {}
	for range future.Buffered(background, none, 3) {
		t.Error("Buffered of nothing yields something")
	}
}

func TestNilFuture(t *testing.T) {
	type F = future.Future[int]
	ok := future.Ready(1)
	never := future.Never[int]
	for name, f := range map[string]future.Future[any]{
		"Map":         erase(future.Map(nil, double)),
		"Then":        erase(future.Then(nil, func(int) F { return ok })),
		"Then's":      erase(future.Then(future.Ready(1), func(int) F { return nil })),
		"Catch":       erase(future.Catch(nil, func(err error) (int, error) { return 0, err })),
		"Finally":     erase(future.Finally[int](nil, func() {})),
		"Lazy":        erase(future.Lazy(func() F { return nil })),
		"All":         erase(future.All(never(), nil)),
		"Race":        erase(future.Race(never(), nil)),
		"Any":         erase(future.Any[int](nil)),
		"Join2":       erase(future.Join2[int, int](never(), nil)),
		"Select2":     erase(future.Select2[int, int](nil, never())),
		"Timeout":     erase(future.Timeout[int](nil, time.Hour)),
		"WithContext": erase(future.WithContext[int](background, nil)),
		"Share":       erase[int](future.Share[int](nil)),
	} {
		if _, err := once(t, f); !errors.Is(err, future.ErrNil) {
			t.Errorf("%s of nil: %v, want ErrNil", name, err)
		}
	}
	rs, err := once(t, future.Settle[int](nil, ok))
	if err != nil || !errors.Is(rs[0].Err, future.ErrNil) || rs[1].Value != 1 {
		t.Errorf("Settle of nil: %v, %v", rs, err)
	}
	var set future.Set[int]
	set.Add(nil)
	if r, err := once(t, set.Next()); err != nil || !errors.Is(r.Err, future.ErrNil) {
		t.Errorf("Set of nil: %v, %v", r, err)
	}
	if r := <-future.Chan[int](nil); !errors.Is(r.Err, future.ErrNil) {
		t.Errorf("Chan of nil: %v", r)
	}
	if _, err := future.Await[int](background, nil); err != future.ErrNil {
		t.Errorf("Await of nil: %v", err)
	}
	for _, r := range future.Completed[int](background, nil) {
		if !errors.Is(r.Err, future.ErrNil) {
			t.Errorf("Completed of nil: %v", r)
		}
	}
	for _, err := range future.Buffered(background, func(yield func(F) bool) { yield(nil) }, 1) {
		if !errors.Is(err, future.ErrNil) {
			t.Errorf("Buffered of nil: %v", err)
		}
	}
	future.Cancel(nil)
}

func TestNilFunction(t *testing.T) {
	f := future.Ready(1)
	for name, call := range map[string]func(){
		"Func":      func() { future.Func[int](nil) },
		"Lazy":      func() { future.Lazy[int](nil) },
		"Go":        func() { future.Go[int](nil) },
		"GoContext": func() { future.GoContext[int](background, nil) },
		"Map":       func() { future.Map[int, int](f, nil) },
		"Then":      func() { future.Then[int, int](f, nil) },
		"Catch":     func() { future.Catch(f, nil) },
		"OrElse":    func() { future.OrElse(f, nil) },
		"Owned":     func() { future.Owned(f, nil) },
		"Do":        func() { future.Do(nil) },
		"Finally":   func() { future.Finally(f, nil) },
		"FromChan":  func() { future.FromChan[int](nil) },
		"NewWaker":  func() { future.NewWaker(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.HasPrefix(r, "future: ") {
					t.Errorf("panicked with %v, want a message of this package", r)
				}
			}()
			call()
		})
	}
}

// An error can be told by errors.Is and As through any number of layers.
func TestErrorsPassThroughLayers(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "x", Err: os.ErrNotExist}
	f := future.Map(future.Failed[int](fmt.Errorf("reading: %w", cause)), double)
	f = future.Catch(f, func(err error) (int, error) { return 0, fmt.Errorf("caught: %w", err) })
	f = future.Timeout(future.Finally(f, func() {}), time.Hour)
	f = future.Map(future.All(future.Never[int](), f), sum)
	f = future.Any(f, future.Failed[int](errTest))
	f = future.WithContext(background, future.Race(f, future.Never[int]()))
	_, err := future.Await[int](background, future.Share(f))
	var path *fs.PathError
	if !errors.As(err, &path) || path != cause || !errors.Is(err, os.ErrNotExist) || !errors.Is(err, errTest) {
		t.Errorf("error %v does not lead to its causes", err)
	}
}

func TestErrTimeout(t *testing.T) {
	_, err := once(t, future.Timeout(future.Never[int](), 0))
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("%v is no timeout", err)
	}
	for _, target := range []error{future.ErrTimeout, context.DeadlineExceeded, os.ErrDeadlineExceeded} {
		if !errors.Is(err, target) {
			t.Errorf("%v is not %v", err, target)
		}
	}
	if errors.Is(err, context.Canceled) {
		t.Errorf("%v is context.Canceled", err)
	}
}

func explode() (int, error) { panic(errTest) }

// A panic that becomes an error keeps its value and the stack it happened on.
func TestPanicKeepsValueAndStack(t *testing.T) {
	exploding := func(struct{}) (int, error) { return explode() }
	start := future.Ready(struct{}{})
	_, err1 := future.Await(background, future.Go(explode))
	_, err2 := future.Await[int](background, future.Share(future.Map(start, exploding)))
	r := <-future.Chan(future.Map(future.Ready(struct{}{}), exploding))
	for name, err := range map[string]error{"Go": err1, "Share": err2, "Chan": r.Err} {
		var p *future.PanicError
		if !errors.As(err, &p) || p.Value != errTest || !errors.Is(err, errTest) {
			t.Errorf("%s: error %v, want a PanicError of errTest", name, err)
			continue
		}
		if !strings.Contains(string(p.Stack), "future_test.explode") {
			t.Errorf("%s: the stack does not show where it happened:\n%s", name, p.Stack)
		}
		if err.Error() != "panic: test error" {
			t.Errorf("%s: the message is %q, want one line", name, err)
		}
	}
}

func TestPanicError(t *testing.T) {
	if err := future.Recovered(nil); err != future.ErrGoexit {
		t.Errorf("Recovered(nil) = %v, want ErrGoexit", err)
	}
	first := future.Recovered("value")
	if again := future.Recovered(first); again != first {
		t.Errorf("a panic of a PanicError is not that one: %v", again)
	}
	if errors.Unwrap(first) != nil {
		t.Errorf("a value that is no error is unwrapped")
	}
}

// A callback that panics ends its future and leaves nothing behind. Nobody but
// who polled is hit: not the producer.
func TestCallbackPanics(t *testing.T) {
	for name, build := range map[string]func(f future.Future[int]) future.Future[int]{
		"Map": func(f future.Future[int]) future.Future[int] {
			return future.Map(f, func(int) (int, error) { panic("mine") })
		},
		"Then": func(f future.Future[int]) future.Future[int] {
			return future.Then(f, func(int) future.Future[int] { panic("mine") })
		},
		"Catch": func(f future.Future[int]) future.Future[int] {
			return future.Catch(future.Map(f, func(int) (int, error) { return 0, errTest }),
				func(error) (int, error) { panic("mine") })
		},
		"Finally": func(f future.Future[int]) future.Future[int] {
			return future.Finally(f, func() { panic("mine") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, other := futuretest.NewProbe[int](), futuretest.NewProbe[int]()
			h := futuretest.NewHarness(t, future.All(build(p), other))
			h.Pending()
			p.Resolve(1) // does not panic
			if r := h.Panics(); r != "mine" {
				t.Errorf("panicked with %v", r)
			}
			if other.Cancels() != 1 || p.Cancels() != 0 {
				t.Errorf("cancelled %d and %d times, want the other once", p.Cancels(), other.Cancels())
			}
			if _, err := h.Ready(); !errors.Is(err, future.ErrConsumed) && !errors.Is(err, future.ErrCanceled) {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// A Cancel that panics does not keep the others from being cancelled.
func TestCancelPanics(t *testing.T) {
	for name, build := range map[string]func(fs ...future.Future[int]) any{
		"All":    func(fs ...future.Future[int]) any { return future.All(fs...) },
		"Settle": func(fs ...future.Future[int]) any { return future.Settle(fs...) },
		"Join4":  func(fs ...future.Future[int]) any { return future.Join4(fs[0], fs[1], fs[2], fs[3]) },
		"Set": func(fs ...future.Future[int]) any {
			set := new(future.Set[int])
			for _, f := range fs {
				set.Add(f)
			}
			return set
		},
	} {
		t.Run(name, func(t *testing.T) {
			ps := newProbes(4)
			fs := ps.futures()
			fs[1] = future.Finally(fs[1], func() { panic("first") })
			fs[2] = future.Finally(fs[2], func() { panic("second") })
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
				for i, p := range ps {
					if p.Cancels() != 1 {
						t.Errorf("probe %d was cancelled %d times", i, p.Cancels())
					}
				}
			}()
			future.Cancel(build(fs...))
		})
	}
}

func TestFinally(t *testing.T) {
	calls := 0
	count := func() { calls++ }
	p := futuretest.NewProbe[int]()
	tests := []struct {
		name   string
		reason string
		run    func(f future.Future[int])
	}{
		{"value", "called before the result is given", func(f future.Future[int]) { p.Resolve(1); f.Poll(nil); f.Poll(nil); future.Cancel(f) }},
		{"error", "an error is a result", func(f future.Future[int]) { p.Fail(errTest); f.Poll(nil); future.Cancel(f) }},
		{"cancel", "Cancel ends it too", func(f future.Future[int]) { future.Cancel(f); future.Cancel(f); f.Poll(nil) }},
		{"panic", "who polled cancels", func(f future.Future[int]) {
			p.Panic("no")
			defer future.Cancel(f)
			defer func() { recover() }()
			f.Poll(nil)
		}},
	}
	for _, test := range tests {
		calls, p = 0, futuretest.NewProbe[int]()
		test.run(future.Finally[int](p, count))
		if calls != 1 {
			t.Errorf("%s: called %d times, want once: %s", test.name, calls, test.reason)
		}
	}
	calls, p = 0, futuretest.NewProbe[int]()
	future.Finally[int](p, count).Poll(nil)
	if calls != 0 {
		t.Errorf("called while pending")
	}
}

// A function of Lazy that panics is not called again.
func TestLazyPanics(t *testing.T) {
	calls := 0
	f := future.Lazy(func() future.Future[int] {
		calls++
		panic("mine")
	})
	h := futuretest.NewHarness(t, f)
	if r := h.Panics(); r != "mine" {
		t.Errorf("panicked with %v", r)
	}
	if _, err := h.Ready(); !errors.Is(err, future.ErrConsumed) || calls != 1 {
		t.Errorf("afterwards: %v, and %d calls", err, calls)
	}
}

// Combinators let go of what has finished: callbacks and futures hold nothing.
func TestLetGo(t *testing.T) {
	type object struct{ _ [64]byte }
	collected := make(chan string, 8)
	watch := func(name string) *object {
		o := new(object)
		addCleanup(o, collected, name)
		return o
	}
	hold := func(o *object) func(int) (int, error) {
		return func(n int) (int, error) { _ = o; return n, nil }
	}
	holdInWaker := func(o *object) *future.Waker {
		return future.NewWaker(func() { _ = o })
	}
	p, q := futuretest.NewProbe[int](), futuretest.NewProbe[int]()
	f := future.All(
		future.Map(future.Ready(1), hold(watch("callback of a child that has finished"))),
		future.Map[int](p, hold(watch("callback of a child that fails"))),
		q,
	)
	f.Poll(futuretest.NewCounter().Waker())
	wantCollected(t, collected, "callback of a child that has finished")
	p.Fail(errTest)
	once(t, f)
	wantCollected(t, collected, "callback of a child that fails")

	var set future.Set[int]
	set.Add(future.Map(future.Ready(1), hold(watch("callback of a child of a Set"))))
	set.Add(q)
	once(t, set.Next())
	wantCollected(t, collected, "callback of a child of a Set")
	set.Cancel()

	shared := future.Share[int](futuretest.NewProbe[int]())
	leaver := shared.Clone()
	shared.Poll(futuretest.NewCounter().Waker())
	leaver.Poll(holdInWaker(watch("waker of a clone that was cancelled")))
	leaver.Cancel()
	wantCollected(t, collected, "waker of a clone that was cancelled")

	var kept []*future.Waker // by futures that do not heed their Cancel
	keeper := func() future.Future[int] {
		return future.Func(func(w *future.Waker) (int, bool, error) {
			kept = append(kept, w)
			return 0, false, nil
		})
	}
	winner := futuretest.NewProbe[int]()
	race := future.Race(keeper(), winner)
	func(w *future.Waker) {
		race.Poll(w)
		winner.Resolve(1)
		race.Poll(w)
	}(holdInWaker(watch("waker of a Race that is over")))
	wantCollected(t, collected, "waker of a Race that is over")
	var pending future.Set[int]
	pending.Add(keeper())
	pending.Next().Poll(holdInWaker(watch("waker of a Set that was cancelled")))
	pending.Cancel()
	wantCollected(t, collected, "waker of a Set that was cancelled")
	runtime.KeepAlive(f)
	runtime.KeepAlive(shared)
	runtime.KeepAlive(kept)
}
