package futuretest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/safe"
)

// A Subject is a fresh future for [TestFuture], and what has to be known of it.
type Subject[T any] struct {
	// Future is the future. It has not been polled.
	Future future.Future[T]

	// Steps are called in order, each once at most and by one goroutine at a
	// time, but not always the one that polls, and also during a Poll, during
	// Cancel and after the end. After the last of them the future is ready. No
	// steps mean a future that becomes ready by itself.
	Steps []func()

	// Synchronous says that only the steps make progress: all wakes of the
	// future come before the step that causes them has returned, and on its
	// goroutine. Then a lost wake is known at once, and wakers that panic are
	// tried too.
	Synchronous bool

	// Check, if not nil, judges every result that is not ErrCanceled after
	// Cancel.
	Check func(v T, err error) error

	// Released, if not nil, is called after a Cancel that came before the
	// future was ready, and says what was not let go, not canceled or not
	// told.
	Released func() error
}

// check says what is missing.
func (s Subject[T]) check() error {
	if s.Future == nil {
		return errors.New("futuretest: the Future of the Subject is nil")
	}
	for i, step := range s.Steps {
		if step == nil {
			return fmt.Errorf("futuretest: step %d of %d of the Subject is nil", i+1, len(s.Steps))
		}
	}
	return nil
}

// schedules is how many random schedules TestFuture goes through.
const schedules = 300

// TestFuture checks a future against the rules of [future.Future]. It calls
// fresh some hundred times and leads each of the futures through a random
// schedule, the same ones each time: Polls before and after the result is there,
// on several goroutines, with wakers that change, that are nil and that panic;
// wakes that mean nothing; steps between two Polls, during one, and after the
// end; Cancel, once and again. To reach the result it polls only when the latest
// waker was woken, so a lost wake shows as one.
//
// It returns nil if all went by the rules, and otherwise an error that names the
// rule and shows the schedule. Run it with the race detector as well. A panic or
// a Goexit in Poll, Cancel or a step is an error here, and so is one of them
// that takes ten seconds, a nil Future and a nil step. It panics if fresh is nil.
func TestFuture[T any](fresh func() Subject[T]) error {
	if fresh == nil {
		panic("futuretest: TestFuture of a nil function")
	}
	for seed := range uint64(schedules) {
		c := &checker[T]{Subject: fresh(), rand: rand.New(rand.NewPCG(seed, 5))}
		if err := c.Subject.check(); err != nil {
			return err
		}
		err := c.run()
		if err == errFinished {
			err = c.call("cancel", func() { future.Cancel(c.Future) })
		}
		if err == nil {
			err = c.join()
		}
		if err != nil {
			return fmt.Errorf("futuretest: schedule %d (%s): %w", seed, strings.Join(c.trace, ", "), err)
		}
	}
	return nil
}

// errFinished says that a waker panicked in Poll, where the future had woken it:
// the future is finished by rule 5.
var errFinished = errors.New("a waker panicked in Poll")

// A checker leads one future through one schedule.
type checker[T any] struct {
	Subject[T]
	rand  *rand.Rand
	trace []string

	moved  bool       // a step was called
	alert  *alert     // of the latest Poll; nil for a Poll without a waker
	old    *alert     // of an earlier one
	behind chan error // the steps that run on another goroutine, or nil
}

func (c *checker[T]) run() error {
	// The random part: whatever is allowed, in any order.
	for range c.rand.IntN(10) {
		var over bool
		var err error
		switch c.rand.IntN(6) {
		case 0, 1, 2:
			over, err = c.poll(c.anyWaker())
		case 3:
			err = c.step()
		case 4:
			err = c.stepsBehind()
		case 5:
			if c.rand.IntN(3) == 0 {
				return c.cancel()
			}
		}
		if err != nil {
			return err
		}
		if over {
			return c.after()
		}
	}
	return c.finish()
}

// finish leads the future to its result: a Poll, and another one only when its
// waker was woken.
func (c *checker[T]) finish() error {
	w := newAlert(false)
	for {
		over, err := c.poll(w)
		if err != nil {
			return err
		}
		if over {
			return c.after()
		}
		for woken := c.alert.took(); !woken; {
			switch {
			case len(c.Steps) == 0:
				err = c.join()
				woken = err == nil && c.alert.wait(c.Synchronous)
				if err == nil && !woken {
					err = errors.New("rule 3: not ready, and the waker of the latest Poll was not woken")
				}
			case c.rand.IntN(4) == 0:
				err = c.stepsBehind()
			default:
				err = c.step()
				woken = c.alert.took()
			}
			if err != nil {
				return err
			}
		}
		if c.rand.IntN(4) == 0 {
			w = newAlert(false)
		}
	}
}

// after is the end of a future that was ready.
func (c *checker[T]) after() error {
	if c.rand.IntN(3) == 0 {
		if err := c.call("cancel after the end", func() { future.Cancel(c.Future) }); err != nil {
			return err
		}
	}
	for range 1 + c.rand.IntN(2) {
		v, ready, err, broke := c.pollOnce("poll after the end", c.anyWaker())
		switch {
		case broke != nil:
			return broke
		case !ready || !safe.Is(err, future.ErrConsumed):
			return fmt.Errorf("rule 2: polled after the result, Poll returned (%v, %v, %v)", v, ready, err)
		}
	}
	return c.stepsBehind() // late, and without effect
}

// cancel is a schedule's end by Cancel, which steps may race with.
func (c *checker[T]) cancel() error {
	untouched := c.Synchronous && !c.moved
	if c.rand.IntN(2) == 0 {
		if err := c.stepsBehind(); err != nil {
			return err
		}
		untouched = c.Synchronous && !c.moved
	}
	for range 1 + c.rand.IntN(2) {
		if err := c.call("cancel", func() { future.Cancel(c.Future) }); err != nil {
			return err
		}
	}
	v, ready, err, broke := c.pollOnce("poll after cancel", c.anyWaker())
	switch {
	case broke != nil:
		return broke
	case !ready:
		return errors.New("rule 4: after Cancel, Poll is not ready")
	case safe.Is(err, future.ErrCanceled):
		if c.Released != nil {
			if err := c.Released(); err != nil {
				return fmt.Errorf("rule 4: after Cancel: %w", err)
			}
		}
	case untouched:
		return fmt.Errorf("rule 4: after Cancel, Poll returned (%v, %v) and not ErrCanceled", v, err)
	case c.Check != nil:
		if err := c.Check(v, err); err != nil {
			return fmt.Errorf("after Cancel: %w", err)
		}
	}
	if err := c.call("cancel", func() { future.Cancel(c.Future) }); err != nil {
		return err
	}
	v, ready, err, broke = c.pollOnce("poll after cancel", c.anyWaker())
	switch {
	case broke != nil:
		return broke
	case !ready || !safe.Is(err, future.ErrCanceled) && !safe.Is(err, future.ErrConsumed):
		return fmt.Errorf("rule 4: polled again after Cancel, Poll returned (%v, %v, %v)", v, ready, err)
	}
	return c.stepsBehind() // late, and without effect
}
