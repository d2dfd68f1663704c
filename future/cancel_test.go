package future_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// onesource are the combinators that pass the Poll after Cancel on to their source.
// The values and errors that they make of it are those of the source.
var onesource = map[string]func(f future.Future[int]) future.Future[int]{
	"Map":         func(f future.Future[int]) future.Future[int] { return future.Map(f, same) },
	"Then":        func(f future.Future[int]) future.Future[int] { return future.Then(f, future.Ready[int]) },
	"Then's":      func(f future.Future[int]) future.Future[int] { return thenOf(f) },
	"Catch":       func(f future.Future[int]) future.Future[int] { return future.Catch(f, rethrow) },
	"OrElse":      func(f future.Future[int]) future.Future[int] { return future.OrElse(f, future.Failed[int]) },
	"OrElse's":    func(f future.Future[int]) future.Future[int] { return orElseOf(f) },
	"Finally":     func(f future.Future[int]) future.Future[int] { return future.Finally(f, func() {}) },
	"Lazy":        func(f future.Future[int]) future.Future[int] { return polledLazy(f) },
	"Timeout":     func(f future.Future[int]) future.Future[int] { return future.Timeout(f, time.Hour) },
	"Deadline":    func(f future.Future[int]) future.Future[int] { return future.Deadline(f, time.Now().Add(time.Hour)) },
	"WithContext": func(f future.Future[int]) future.Future[int] { return future.WithContext(background, f) },
}

func same(n int) (int, error) { return n, nil }

func rethrow(err error) (int, error) { return 0, err }

// thenOf is f as the second stage of a Then.
func thenOf(f future.Future[int]) future.Future[int] {
	t := future.Then(future.Ready(0), func(int) future.Future[int] { return f })
	t.Poll(nil)
	return t
}

func orElseOf(f future.Future[int]) future.Future[int] {
	o := future.OrElse(future.Failed[int](errTest), func(error) future.Future[int] { return f })
	o.Poll(nil)
	return o
}

func polledLazy(f future.Future[int]) future.Future[int] {
	l := future.Lazy(func() future.Future[int] { return f })
	l.Poll(nil)
	return l
}

// A result that the source has when it is canceled comes out of the Poll after
// Cancel, once; so does an error.
func TestPollAfterCancelGivesWhatTheSourceKept(t *testing.T) {
	for name, build := range onesource {
		for _, err := range []error{nil, errTest} {
			p := new(parcel[int])
			f := build(p)
			f.Poll(futuretest.NewCounter().Waker())
			want := 7
			if err != nil {
				want = 0
			}
			if !p.send(want, err) {
				t.Fatalf("%s: refused", name)
			}
			future.Cancel(f)
			future.Cancel(f)
			if v, got := once(t, f); v != want || got != err {
				t.Errorf("%s: got (%v, %v), want (%v, %v)", name, v, got, want, err)
			}
			if p.cancels != 1 {
				t.Errorf("%s: canceled %d times, want once", name, p.cancels)
			}
			if v, got := once(t, f); v != 0 || !errors.Is(got, future.ErrConsumed) {
				t.Errorf("%s: polled again it gives (%v, %v), want ErrConsumed", name, v, got)
			}
		}
	}
}

// Without a result the Poll after Cancel gives ErrCanceled itself, and lets go.
func TestPollAfterCancelOfNothing(t *testing.T) {
	for name, build := range onesource {
		p := new(parcel[int])
		f := build(p)
		f.Poll(nil)
		future.Cancel(f)
		if p.send(7, nil) {
			t.Errorf("%s: a result was accepted after Cancel", name)
		}
		for range 2 {
			if v, err := once(t, f); v != 0 || err != future.ErrCanceled {
				t.Errorf("%s: got (%v, %v), want ErrCanceled", name, v, err)
			}
		}
	}
}

// However deep combinators are nested, the outermost one gives what the leaf kept,
// with all functions applied.
func TestPollAfterCancelThroughManyLayers(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 2))
	var names []string
	for name := range onesource {
		names = append(names, name)
	}
	for range 200 {
		p := new(parcel[int])
		f := future.Future[int](p)
		var trace []string
		added := 0
		for range rng.IntN(40) {
			name := names[rng.IntN(len(names))]
			trace = append(trace, name)
			f = onesource[name](f)
			if rng.IntN(2) == 0 {
				f = future.Map(f, func(n int) (int, error) { return n + 1, nil })
				added++
			}
		}
		f.Poll(nil)
		p.send(100, nil)
		future.Cancel(f)
		if v, err := once(t, f); v != 100+added || err != nil {
			t.Fatalf("%s: got (%v, %v), want %d", strings.Join(trace, " of "), v, err, 100+added)
		}
	}
}

// The future that Then's function makes of a message that was there at Cancel is
// polled, and canceled if it is not ready.
func TestThenAfterCancel(t *testing.T) {
	for _, name := range []string{"Then", "OrElse"} {
		p, q := new(parcel[int]), new(parcel[int])
		f := future.Then(p, func(int) future.Future[int] { return q })
		result := future.Result[int]{Value: 1}
		if name == "OrElse" {
			f = future.OrElse(p, func(error) future.Future[int] { return q })
			result = future.Result[int]{Err: errTest}
		}
		p.send(result.Value, result.Err)
		future.Cancel(f)
		if _, err := once(t, f); err != future.ErrCanceled || q.cancels != 1 || q.send(1, nil) {
			t.Errorf("%s: got %v and %d cancels of the second, want ErrCanceled and one", name, err, q.cancels)
		}

		p = new(parcel[int])
		f = future.Then(p, func(int) future.Future[int] { return future.Func(crash2) })
		if name == "OrElse" {
			f = future.OrElse(p, func(error) future.Future[int] { return future.Func(crash2) })
		}
		p.send(result.Value, result.Err)
		future.Cancel(f)
		if r := futuretest.NewHarness(t, f).Panics(); r != "crash" {
			t.Errorf("%s: panicked with %v, want crash", name, r)
		}
		if _, err := once(t, f); !errors.Is(err, future.ErrConsumed) {
			t.Errorf("%s: after the panic: %v, want ErrConsumed", name, err)
		}
	}
}

func crash2(*future.Waker) (int, bool, error) { panic("crash") }

// Cancel calls the function of Finally, and the Poll after it does not.
func TestFinallyAfterCancelIsCalledOnce(t *testing.T) {
	calls := 0
	p := new(parcel[int])
	f := future.Finally(p, func() { calls++ })
	p.send(1, nil)
	future.Cancel(f)
	if calls != 1 {
		t.Errorf("called %d times by Cancel, want once", calls)
	}
	if v, err := once(t, f); v != 1 || err != nil || calls != 1 {
		t.Errorf("got (%v, %v) and %d calls, want the result and one call", v, err, calls)
	}
}

// A second consumer's ErrBusy comes through every combinator of one source, and ends
// none: the next Poll goes on.
func TestErrBusyPassesAndEndsNothing(t *testing.T) {
	builds := map[string]func(f future.Future[int]) future.Future[int]{
		"Owned":  func(f future.Future[int]) future.Future[int] { return future.Owned(f, func(int) {}) },
		"Borrow": future.Borrow[int],
	}
	for name, build := range onesource {
		builds[name] = build
	}
	for name, build := range builds {
		busy := false
		p := new(parcel[int])
		f := build(&sometimesBusy{parcel: p, busy: &busy})
		f.Poll(nil)
		busy = true
		for range 2 {
			if _, err := once(t, f); err != future.ErrBusy {
				t.Errorf("%s: got %v, want ErrBusy", name, err)
			}
		}
		busy = false
		if _, ready, err := f.Poll(nil); ready {
			t.Errorf("%s: ready with %v after ErrBusy, want pending", name, err)
		}
		p.send(7, nil)
		if v, err := once(t, f); v != 7 || err != nil {
			t.Errorf("%s: got (%v, %v), want 7", name, v, err)
		}
	}
}

// A sometimesBusy has another consumer that waits for it while busy is set.
type sometimesBusy struct {
	*parcel[int]
	busy *bool
}

func (s *sometimesBusy) Poll(w *future.Waker) (int, bool, error) {
	if *s.busy {
		return 0, true, future.ErrBusy
	}
	return s.parcel.Poll(w)
}

var rounds = flag.Int("rounds", 20_000, "how often the stress tests of lost results race")

// dawdle lets others run, or not.
func dawdle() {
	for range rand.IntN(4) {
		runtime.Gosched()
	}
}

// A result that was accepted comes out of what gives the wait up at that moment: a
// timeout, the end of a context, a cancellation.
func TestNothingAcceptedIsLost(t *testing.T) {
	nests := map[string]func(f future.Future[int]) future.Future[int]{
		"Map": func(f future.Future[int]) future.Future[int] { return future.Map(f, same) },
		"all": func(f future.Future[int]) future.Future[int] {
			for _, name := range []string{"Map", "Then", "Catch", "OrElse", "Finally", "Timeout", "WithContext"} {
				f = onesource[name](f)
			}
			return future.Lazy(func() future.Future[int] { return f })
		},
	}
	for name, nest := range nests {
		ways := map[string]func(f future.Future[int], giveUp <-chan struct{}) (int, error){
			"Timeout": func(f future.Future[int], _ <-chan struct{}) (int, error) {
				return future.Await(background, future.Timeout(f, 20*time.Microsecond))
			},
			"Await": func(f future.Future[int], giveUp <-chan struct{}) (int, error) {
				ctx, cancel := context.WithCancel(background)
				go func() { <-giveUp; dawdle(); cancel() }()
				return future.Await(ctx, f)
			},
			"WithContext": func(f future.Future[int], giveUp <-chan struct{}) (int, error) {
				ctx, cancel := context.WithCancel(background)
				go func() { <-giveUp; dawdle(); cancel() }()
				return future.Await(background, future.WithContext(ctx, f))
			},
			"Cancel": func(f future.Future[int], giveUp <-chan struct{}) (int, error) {
				v, ready, err := f.Poll(futuretest.NewCounter().Waker())
				if !ready {
					<-giveUp
					dawdle()
					future.Cancel(f)
					v, _, err = f.Poll(nil)
				}
				return v, err
			},
		}
		for way, await := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				t.Parallel()
				var got, refused int
				rounds := *rounds
				if way == "Timeout" {
					rounds /= 10 // each takes until its time is up
				}
				for i := range rounds {
					p := new(parcel[int])
					giveUp := make(chan struct{})
					var wg sync.WaitGroup
					accepted := false
					wg.Go(func() {
						if way == "Timeout" {
							for start := time.Now(); time.Since(start) < time.Duration(60+i%40)*time.Microsecond; {
							}
						} else {
							<-giveUp
							dawdle()
						}
						accepted = p.send(i, nil)
					})
					if way != "Timeout" {
						go close(giveUp)
					}
					v, err := await(nest(p), giveUp)
					wg.Wait()
					switch {
					case accepted && (err != nil || v != i):
						t.Fatalf("round %d: accepted, and then lost: (%v, %v)", i, v, err)
					case !accepted && err == nil:
						t.Fatalf("round %d: refused, but it came out: %v", i, v)
					case accepted:
						got++
					default:
						refused++
					}
				}
				t.Logf("got %d, refused %d", got, refused)
			})
		}
	}
}

// The error of a Timeout whose time is up is ErrTimeout itself; that of one inside is
// so by errors.Is only, however it comes to the outer one.
func TestInnerTimeoutIsTold(t *testing.T) {
	for name, build := range map[string]func(inner future.Future[int]) future.Future[int]{
		"direct": func(inner future.Future[int]) future.Future[int] { return inner },
		"Map":    func(inner future.Future[int]) future.Future[int] { return future.Map(inner, same) },
		"All": func(inner future.Future[int]) future.Future[int] {
			return future.Map(future.All(inner), sum)
		},
		"Timeout of a Timeout": func(inner future.Future[int]) future.Future[int] { return future.Timeout(inner, time.Hour) },
		"wrapped": func(inner future.Future[int]) future.Future[int] {
			return future.Catch(inner, func(err error) (int, error) { return 0, fmt.Errorf("page: %w", err) })
		},
	} {
		inner := future.Timeout(future.Never[int](), 0)
		_, err := once(t, future.Deadline(build(inner), time.Now().Add(time.Hour)))
		if err == future.ErrTimeout || !errors.Is(err, future.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v: want an ErrTimeout by errors.Is and not by ==", name, err)
		}
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v is no timeout", name, err)
		}
		_, err = once(t, future.Timeout(future.Never[int](), 0))
		if err != future.ErrTimeout {
			t.Errorf("got %v, want ErrTimeout itself", err)
		}
	}
	p := new(parcel[int]) // the inner one fails while the outer one is canceled
	f := future.Timeout(p, time.Hour)
	p.send(0, future.ErrTimeout)
	future.Cancel(f)
	if _, err := once(t, f); err == future.ErrTimeout || !errors.Is(err, future.ErrTimeout) {
		t.Errorf("after Cancel: got %v, want one that is ErrTimeout by errors.Is only", err)
	}
}
