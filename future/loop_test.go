package future_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// A looper makes loops of n rounds, and measures them.
type looper struct {
	n     int
	polls int // of the steps
	calls int
	depth int   // of the stack, at the last round
	heap  int64 // bytes in use at the last round, beyond those before
}

// step is one step of a round. A pending one wakes itself and is ready at the second
// Poll.
func (l *looper) step(pending bool, err error) future.Future[int] {
	return future.Func(func(w *future.Waker) (int, bool, error) {
		l.polls++
		if pending {
			pending = false
			w.Wake()
			return 0, false, nil
		}
		return 1, true, err
	})
}

// called counts a call of a user's function, and measures at the last one.
func (l *looper) called() (last bool) {
	l.calls++
	if l.calls < l.n {
		return false
	}
	l.depth = runtime.Callers(0, make([]uintptr, 1000))
	l.heap = heapInUse() - l.heap
	return true
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// loops are the ways to write a loop as futures.
var loops = map[string]func(l *looper, pending bool) future.Future[int]{
	"Then": func(l *looper, pending bool) future.Future[int] {
		var round func() future.Future[int]
		round = func() future.Future[int] {
			return future.Then(l.step(pending, nil), func(int) future.Future[int] {
				if l.called() {
					return future.Ready(l.calls)
				}
				return round()
			})
		}
		return round()
	},
	"OrElse": func(l *looper, pending bool) future.Future[int] {
		var try func() future.Future[int]
		try = func() future.Future[int] {
			return future.OrElse(l.step(pending, errTest), func(error) future.Future[int] {
				if l.called() {
					return future.Ready(l.calls)
				}
				return try()
			})
		}
		return try()
	},
	"Lazy": func(l *looper, pending bool) future.Future[int] {
		var round func() future.Future[int]
		round = func() future.Future[int] {
			return future.Lazy(func() future.Future[int] {
				if l.called() {
					return l.step(pending, nil)
				}
				return round()
			})
		}
		return future.Map(round(), func(int) (int, error) { return l.calls, nil })
	},
	"mixed": func(l *looper, pending bool) future.Future[int] {
		var round func() future.Future[int]
		round = func() future.Future[int] {
			if l.called() {
				return future.Ready(l.calls)
			}
			switch l.calls % 3 {
			case 0:
				return future.Lazy(round)
			case 1:
				return future.OrElse(l.step(pending, errTest), func(error) future.Future[int] { return round() })
			}
			return future.Then(l.step(pending, nil), func(int) future.Future[int] { return round() })
		}
		return round()
	},
}

// A loop of futures takes the same time for each round, and neither stack nor memory
// for it: each step is polled as often as it asks for, and the last round finds the
// stack as the first one did.
func TestLoopsAreLinearAndFlat(t *testing.T) {
	for name, build := range loops {
		n := 100_000
		if name == "Then" && !testing.Short() {
			n = 1_000_000
		}
		for _, pending := range []bool{false, true} {
			short := &looper{n: 3}
			if _, err := future.Await(background, build(short, pending)); err != nil {
				t.Fatal(err)
			}
			l := &looper{n: n, heap: heapInUse()}
			v, err := future.Await(background, build(l, pending))
			if v != n || err != nil {
				t.Errorf("%s (pending %v): got (%v, %v), want %d rounds", name, pending, v, err, n)
			}
			if l.depth > short.depth+2 {
				t.Errorf("%s (pending %v): %d frames in round %d, want the %d of round 3", name, pending, l.depth, n, short.depth)
			}
			if l.heap > 1<<20 {
				t.Errorf("%s (pending %v): %d bytes more after %d rounds, want none", name, pending, l.heap, n)
			}
			steps := 1
			if pending {
				steps = 2
			}
			if l.polls > steps*n {
				t.Errorf("%s (pending %v): %d polls in %d rounds, want at most %d a round", name, pending, l.polls, n, steps)
			}
		}
	}
}

// A loop whose rounds are all ready lets others run: it wakes itself now and then,
// and is canceled in between.
func TestLoopOfReadyRoundsYields(t *testing.T) {
	for name, build := range loops {
		l := &looper{n: 1 << 30}
		f := build(l, false)
		c := futuretest.NewCounter()
		for i := range 3 {
			if _, ready, _ := f.Poll(c.Waker()); ready || c.Wakes() != i+1 {
				t.Fatalf("%s: ready %v, %d wakes, want pending and woken by itself", name, ready, c.Wakes())
			}
			if l.calls > 1000*(i+1) {
				t.Errorf("%s: %d rounds in one Poll, want a few hundred at most", name, l.calls)
			}
		}
		if _, ready, _ := f.Poll(nil); ready {
			t.Errorf("%s: a try comes to the end of a loop that has none", name)
		}
		calls := l.calls
		future.Cancel(f)
		if _, err := once(t, f); err != future.ErrCanceled {
			t.Errorf("%s: got %v, want ErrCanceled", name, err)
		}
		if l.calls > calls+1000 {
			t.Errorf("%s: the loop went on after Cancel", name)
		}

		ctx, cancel := context.WithTimeout(background, time.Millisecond)
		if _, err := future.Await(ctx, build(&looper{n: 1 << 30}, false)); err != context.DeadlineExceeded {
			t.Errorf("%s: got %v, want the end of the context", name, err)
		}
		cancel()
	}
}

// A stage that was polled before it is returned goes on where it is.
func TestPolledFutureIsTakenOver(t *testing.T) {
	for name, build := range map[string]func(p, q future.Future[int]) future.Future[int]{
		"Then": func(p, q future.Future[int]) future.Future[int] {
			return future.Then(p, func(int) future.Future[int] { return q })
		},
		"OrElse": func(p, q future.Future[int]) future.Future[int] {
			return future.OrElse(future.Map(p, failing), func(error) future.Future[int] { return q })
		},
		"Lazy": func(p, q future.Future[int]) future.Future[int] {
			return future.Lazy(func() future.Future[int] { return q })
		},
	} {
		for polls := range 3 {
			p, q := futuretest.NewProbe[int](), futuretest.NewProbe[int]()
			inner := build(p, q)
			if polls > 0 {
				inner.Poll(nil)
			}
			p.Resolve(1)
			if polls > 1 {
				inner.Poll(nil)
			}
			h := futuretest.NewHarness(t, future.Then(future.Ready(0), func(int) future.Future[int] { return inner }))
			h.Pending()
			q.Resolve(2)
			if h.Wakes() != 1 {
				t.Errorf("%s polled %d times: not woken by its last stage", name, polls)
			}
			if v, err := h.Ready(); v != 2 || err != nil {
				t.Errorf("%s polled %d times: got (%v, %v), want 2", name, polls, v, err)
			}
			if _, err := once(t, inner); !errors.Is(err, future.ErrConsumed) {
				t.Errorf("%s: what was taken over gives %v, want ErrConsumed", name, err)
			}
		}
		// One that is over, or was canceled, gives what it gives by itself.
		inner := build(future.Ready(1), future.Never[int]())
		future.Cancel(inner)
		f := future.Then(future.Ready(0), func(int) future.Future[int] { return inner })
		if _, ready, err := f.Poll(nil); !ready || err != future.ErrCanceled {
			t.Errorf("%s: got ready %v, %v from one that was canceled, want ErrCanceled", name, ready, err)
		}
	}
}

func failing(int) (int, error) { return 0, errTest }

// A panic in any round surfaces, and what runs is canceled.
func TestPanicInALaterRound(t *testing.T) {
	p := futuretest.NewProbe[int]()
	p.Panic("late")
	f := future.Then(future.Ready(0), func(int) future.Future[int] {
		return future.Then[int](p, func(int) future.Future[int] { return future.Never[int]() })
	})
	if r := futuretest.NewHarness(t, f).Panics(); r != "late" || p.Cancels() != 1 {
		t.Errorf("panicked with %v and %d cancels, want late and one", r, p.Cancels())
	}
}
