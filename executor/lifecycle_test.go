package executor_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// A life is a Runnable, and what must be true of it, kept by the rules of the
// state machine alone.
type life struct {
	r     *executor.Runnable
	h     *executor.Handle[int]
	probe *futuretest.Probe[int]
	nag   bool // the next poll that is not ready wakes its task, twice

	schedules int // calls of schedule

	wantSchedules int
	wantPolls     int
	scheduled     bool // it is in the queue
	dead          bool // it was canceled before it ran, and its entry is in the queue
	ended         bool
	outcome       string // "", "value", "error" or "panic", once somebody has set it
	cause         error  // of the first cancellation before the end
	givenUp       bool   // before the end
	taken         bool   // the handle has given its result
	result        string // once it has ended
}

// scheduleOnce is what a wake does.
func (l *life) scheduleOnce() {
	if !l.ended && !l.scheduled {
		l.scheduled = true
		l.wantSchedules++
	}
}

func (l *life) cancel(cause error) {
	switch {
	case l.ended || l.cause != nil:
	case l.wantPolls == 0: // it ends at once; the look for a result is a poll
		l.cause, l.dead = cause, true
		l.end()
	default:
		l.cause = cause
		l.scheduleOnce()
	}
}

// end is what a run comes to: it has ended, or waits.
func (l *life) end() {
	l.wantPolls++
	l.scheduled = false
	switch {
	case l.cause != nil:
		l.ended, l.result = true, fmt.Sprint(0, l.cause)
	case l.outcome == "value":
		l.ended, l.result = true, fmt.Sprint(7, nil)
	case l.outcome == "error":
		l.ended, l.result = true, fmt.Sprint(0, errFailed)
	case l.outcome == "panic":
		l.ended, l.result = true, "panic: boo"
	case l.nag:
		l.scheduleOnce()
	}
}

// Poll is what the task polls.
func (l *life) Poll(w *future.Waker) (int, bool, error) {
	v, ready, err := l.probe.Poll(w)
	if !ready && l.nag {
		l.nag = false
		w.Wake()
		w.Wake()
	}
	return v, ready, err
}

func (l *life) Cancel() { l.probe.Cancel() }

var errFailed = errors.New("it failed")

// Whatever is done to a task in whatever order, it is scheduled, polled and ended
// as often as the rules of the state machine say, and its handle tells of it.
func TestLivesProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lives []*life
		pick := func(t *rapid.T, which func(l *life) bool) *life {
			var some []*life
			for _, l := range lives {
				if which(l) {
					some = append(some, l)
				}
			}
			if len(some) == 0 {
				t.Skip("none")
			}
			return rapid.SampledFrom(some).Draw(t, "task")
		}
		any := func(*life) bool { return true }
		set := func(outcome string, do func(l *life)) func(t *rapid.T) {
			return func(t *rapid.T) {
				l := pick(t, func(l *life) bool { return l.outcome == "" })
				l.outcome = outcome
				if l.wantPolls > 0 { // else there is no waker yet
					l.scheduleOnce()
				}
				do(l)
			}
		}
		t.Repeat(map[string]func(t *rapid.T){
			"make": func(t *rapid.T) {
				l := &life{probe: futuretest.NewProbe[int](), scheduled: true, wantSchedules: 1}
				l.r, l.h = executor.NewRunnable[int](l, func(*executor.Runnable) { l.schedules++ })
				l.r.Schedule()
				lives = append(lives, l)
			},
			"run": func(t *rapid.T) {
				l := pick(t, func(l *life) bool { return l.scheduled || l.dead })
				if l.dead {
					l.dead = false
				} else {
					l.end()
				}
				if ended := l.r.Run(); ended != l.ended {
					t.Fatalf("Run says %v, want %v", ended, l.ended)
				}
			},
			"wake": func(t *rapid.T) {
				l := pick(t, func(l *life) bool { return l.probe.Waker() != nil })
				l.scheduleOnce()
				l.probe.Wake()
			},
			"nag":     func(t *rapid.T) { pick(t, any).nag = true },
			"resolve": set("value", func(l *life) { l.probe.Resolve(7) }),
			"fail":    set("error", func(l *life) { l.probe.Fail(errFailed) }),
			"panic":   set("panic", func(l *life) { l.probe.Panic("boo") }),
			"cancel": func(t *rapid.T) {
				l := pick(t, any)
				l.cancel(errCause)
				l.h.CancelCause(errCause)
			},
			"give up": func(t *rapid.T) {
				l := pick(t, any)
				l.givenUp = l.givenUp || !l.ended
				l.cancel(future.ErrCanceled)
				l.h.Cancel()
			},
			"poll": func(t *rapid.T) {
				l := pick(t, any)
				v, ready, err := l.h.Poll(nil)
				got := fmt.Sprint(v, err)
				var p *future.PanicError
				if errors.As(err, &p) {
					got = fmt.Sprint("panic: ", p.Value)
				}
				switch want := l.ended || l.givenUp; {
				case ready != want:
					t.Fatalf("ready: %v, want %v", ready, want)
				case !ready && got != "0 <nil>":
					t.Fatalf("not ready, with %s", got)
				case l.taken && !errors.Is(err, future.ErrConsumed) && !errors.Is(err, future.ErrCanceled):
					t.Fatalf("again: %s", got)
				case ready && !l.taken && l.givenUp && !errors.Is(err, future.ErrCanceled):
					t.Fatalf("given up: %s", got)
				case ready && !l.taken && !l.givenUp && got != l.result:
					t.Fatalf("%s, want %s", got, l.result)
				}
				l.taken = ready
			},
			"": func(t *rapid.T) {
				for i, l := range lives {
					if l.schedules != l.wantSchedules || l.probe.Polls() != l.wantPolls || l.h.Done() != l.ended {
						t.Fatalf("task %d: %d schedules, %d polls, done: %v, want %d, %d, %v", i,
							l.schedules, l.probe.Polls(), l.h.Done(), l.wantSchedules, l.wantPolls, l.ended)
					}
				}
			},
		})
	})
}
