package executor_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
	"github.com/go-await/await/oneshot"
)

var errCause = errors.New("the cause")

// A combination is a task of some kind, what it does, when it is cancelled, what
// becomes of its handle, and what its executor does meanwhile.
type combination struct{ kind, outcome, cancel, handle, executor string }

var dimensions = struct{ kind, outcome, cancel, handle, executor []string }{
	kind:     []string{"coroutine", "poll"},
	outcome:  []string{"ready", "pending", "panic", "goexit"},
	cancel:   []string{"never", "before", "during", "after"},
	handle:   []string{"kept", "dropped", "polled"},
	executor: []string{"open", "shutting down", "closing", "closed"},
}

// A rule says how the combinations end that it applies to. Empty fields match
// everything. The first rule that matches counts.
type rule struct {
	combination
	want   string // value, panic, goexit, cause or closed
	begins bool
	reason string
}

var rules = []rule{
	{combination{executor: "closed"}, "refused", false, "a closed executor takes no task"},
	{combination{cancel: "before"}, "cause", false, "a task that is cancelled before it begins never runs; the first cancellation counts"},
	{combination{outcome: "ready"}, "value", true, "a task that does not wait does not notice its cancellation"},
	{combination{outcome: "panic"}, "panic", true, "a panic is the result, also of a task that was cancelled"},
	{combination{outcome: "goexit"}, "goexit", true, "so is an exit"},
	{combination{outcome: "pending", cancel: "during"}, "cause", true, "a wait ends with the cause, and the executor's own comes too late"},
	{combination{outcome: "pending", executor: "closing"}, "closed", true, "Close cancels what waits"},
	{combination{outcome: "pending"}, "value", true, "a task that nobody cancels ends as it will; a shutdown waits for it"},
}

func (r rule) matches(c combination) bool {
	match := func(a, b string) bool { return a == "" || a == b }
	return match(r.kind, c.kind) && match(r.outcome, c.outcome) && match(r.cancel, c.cancel) &&
		match(r.handle, c.handle) && match(r.executor, c.executor)
}

func TestCombinations(t *testing.T) {
	used := make([]bool, len(rules))
	d := dimensions
	n := 0
	for _, kind := range d.kind {
		for _, outcome := range d.outcome {
			for _, cancel := range d.cancel {
				for _, handle := range d.handle {
					for _, ex := range d.executor {
						c := combination{kind, outcome, cancel, handle, ex}
						for i, r := range rules {
							if r.matches(c) {
								used[i] = true
								t.Run(fmt.Sprint(c), func(t *testing.T) { c.test(t, r) })
								n++
								break
							}
						}
					}
				}
			}
		}
	}
	if n != 2*4*4*3*4 {
		t.Errorf("%d combinations have a rule", n)
	}
	for i, u := range used {
		if !u {
			t.Errorf("no combination is left for the rule %q", rules[i].reason)
		}
	}
}

func (c combination) test(t *testing.T, r rule) {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()

	// The only worker is busy, so that the task does not begin before release.
	release, busy := make(chan bool), make(chan bool)
	executor.Go(e, func(context.Context) (int, error) {
		close(busy)
		<-release
		return 0, nil
	})
	<-busy
	if c.executor == "closed" {
		close(release)
		_ = e.Close()
	}

	tx, rx := oneshot.New[int]()
	s := &subject{outcome: c.outcome, rx: rx, inside: make(chan bool, 1), goOn: make(chan bool)}
	told := make(chan error, 2)
	ended := executor.OnTaskEnd(func(err error) { told <- err })
	var h *executor.Handle[int]
	if c.kind == "coroutine" {
		h = executor.Go(e, s.run, ended)
	} else {
		h = executor.Spawn(e, s, ended)
	}
	counter := futuretest.NewCounter()
	if c.handle == "polled" {
		if _, ready, _ := h.Poll(counter.Waker()); ready != (c.executor == "closed") {
			t.Fatalf("%s: a poll at the beginning is ready: %v", r.reason, ready)
		}
	}

	if c.cancel == "before" {
		h.CancelCause(errCause)
	}
	if c.executor != "closed" {
		close(release)
	}
	if r.begins {
		<-s.inside
	}
	if c.cancel == "during" {
		h.CancelCause(errCause)
	}
	over := make(chan error, 1)
	switch c.executor {
	case "shutting down":
		go func() { over <- e.Shutdown(context.Background()) }()
	case "closing":
		go func() { over <- e.Close() }()
	default:
		over <- nil
	}
	close(s.goOn)
	if c.outcome == "pending" && r.want == "value" {
		_ = tx.Send(1)
	}
	err := <-told // it has ended
	if c.cancel == "after" {
		h.CancelCause(errCause)
	}

	v := 1
	switch c.handle {
	case "kept":
		var got error
		if v, got = future.Await(t.Context(), h); got != err {
			t.Errorf("%s: Await gives %v, and OnTaskEnd was told %v", r.reason, got, err)
		}
	case "polled":
		if wakes := counter.Wakes(); wakes != 1 && c.executor != "closed" {
			t.Errorf("%s: woken %d times", r.reason, wakes)
		}
		if c.executor == "closed" {
			break // its result was taken at the beginning
		}
		var ready bool
		var got error
		if v, ready, got = h.Poll(nil); !ready || got != err {
			t.Errorf("%s: Poll gives %v, %v, and OnTaskEnd was told %v", r.reason, ready, got, err)
		}
	}
	if !r.isResult(v, err) {
		t.Errorf("%s: %d, %v, want %s", r.reason, v, err, r.want)
	}
	if !h.Done() {
		t.Errorf("%s: not done", r.reason)
	}
	if begun := s.runs.Load() > 0; begun != r.begins {
		t.Errorf("%s: begun: %v", r.reason, begun)
	}
	if err := <-over; err != nil {
		t.Errorf("%s: the executor: %v", r.reason, err)
	}
	if err := e.Close(); err != nil || len(told) != 0 {
		t.Errorf("%s: Close: %v; its end was told %d times more", r.reason, err, len(told))
	}
}

func (r rule) isResult(v int, err error) bool {
	var p *future.PanicError
	switch r.want {
	case "value":
		return v == 1 && err == nil
	case "panic":
		return errors.As(err, &p) && p.Value == "boo"
	case "goexit":
		return err == future.ErrGoexit
	case "cause":
		return err == errCause
	case "closed":
		return err == executor.ErrClosed
	case "refused":
		return err == executor.ErrRefused
	}
	return false
}

// A subject is what a task runs or polls.
type subject struct {
	outcome string
	rx      *oneshot.Receiver[int]
	inside  chan bool // sent to once it runs
	goOn    chan bool // closed when it may go on
	runs    atomic.Int32
	over    bool
}

func (s *subject) begin() {
	if s.runs.Add(1) == 1 {
		s.inside <- true
		<-s.goOn
	}
	switch s.outcome {
	case "panic":
		panic("boo")
	case "goexit":
		runtime.Goexit()
	}
}

// run is the function of a coroutine.
func (s *subject) run(ctx context.Context) (int, error) {
	s.begin()
	if s.outcome == "pending" {
		return future.Await(ctx, s.rx)
	}
	return 1, nil
}

// Poll is a future's.
func (s *subject) Poll(w *future.Waker) (int, bool, error) {
	if s.over {
		return 0, true, future.ErrCanceled
	}
	s.begin()
	if s.outcome == "pending" {
		return s.rx.Poll(w)
	}
	return 1, true, nil
}

func (s *subject) Cancel() {
	s.over = true
	s.rx.Cancel()
}
