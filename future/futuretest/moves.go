package futuretest

import (
	"fmt"
	"time"

	"github.com/go-await/await/future"
)

// The moves of a schedule. Each is made on a goroutine of its own, so that one that
// does not return, or ends its goroutine, is an error and no more.

// poll polls with w and reports whether the future is over.
func (c *checker[T]) poll(w *alert) (over bool, broke error) {
	v, ready, err, broke := c.pollOnce("poll", w)
	switch {
	case broke != nil:
		return false, broke
	case ready && c.Check != nil:
		return true, c.Check(v, err)
	case !ready && (err != nil || !isZero(v)):
		return false, fmt.Errorf("rule 1: not ready, but Poll returned (%v, %v)", v, err)
	}
	return ready, nil
}

// pollOnce polls, on a goroutine of its own. broke is not nil if that panicked
// or did not return.
func (c *checker[T]) pollOnce(name string, w *alert) (v T, ready bool, err, broke error) {
	if c.alert != nil && c.alert != w {
		c.old = c.alert
	}
	c.alert = w
	var waker *future.Waker
	switch {
	case w == nil:
		name += " with nil"
	case w.panics:
		name += " with a waker that panics"
	}
	if w != nil {
		w.reset()
		waker = &w.waker
	}
	returned := false
	broke = c.call(name, func() {
		v, ready, err = c.Future.Poll(waker)
		returned = true
	})
	if broke == nil && !returned {
		broke = errFinished
	}
	return v, ready, err, broke
}

// anyWaker returns the waker of the latest Poll, an older one, a new one, one
// that panics, or nil.
func (c *checker[T]) anyWaker() *alert {
	switch c.rand.IntN(5) {
	case 0:
		return c.alert
	case 1:
		return c.old
	case 2:
		return newAlert(c.Synchronous)
	case 3:
		return nil
	}
	return newAlert(false)
}

// step does the next step here, after those that run on another goroutine.
func (c *checker[T]) step() error {
	if err := c.join(); err != nil || len(c.Steps) == 0 {
		return err
	}
	c.moved = true
	step := c.Steps[0]
	c.Steps = c.Steps[1:]
	return c.call("step", step)
}

// stepsBehind starts the remaining steps on another goroutine.
func (c *checker[T]) stepsBehind() error {
	if err := c.join(); err != nil || len(c.Steps) == 0 {
		return err
	}
	c.note("steps on another goroutine")
	c.moved = true
	steps := c.Steps
	c.Steps = nil
	c.behind = make(chan error, 1)
	go try("step", func() {
		for _, step := range steps {
			survive(step)
		}
	}, c.behind)
	return nil
}

// join waits for the steps that run on another goroutine.
func (c *checker[T]) join() error {
	if c.behind == nil {
		return nil
	}
	defer func() { c.behind = nil }()
	return receive("step", c.behind)
}

func (c *checker[T]) note(step string) { c.trace = append(c.trace, step) }

// call calls fn on a goroutine of its own, and returns what is wrong with it.
func (c *checker[T]) call(name string, fn func()) error {
	c.note(name)
	over := make(chan error, 1)
	go try(name, fn, over)
	return receive(name, over)
}

func receive(name string, over <-chan error) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-over:
		return err
	case <-timer.C:
		return fmt.Errorf("%s does not return", name)
	}
}

// try calls fn, and sends what is wrong with it: a panic, unless it is that of a
// waker, or a Goexit.
func try(name string, fn func(), over chan<- error) {
	var err error
	returned := false
	defer func() {
		if !returned {
			err = fmt.Errorf("%s: %w", name, future.Recovered(recover()))
		}
		over <- err
	}()
	survive(fn)
	returned = true
}

// survive calls fn and ends the panic of a waker.
func survive(fn func()) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if r := recover(); r != nil && r != any(wakerPanic) {
			panic(r)
		}
	}()
	fn()
	returned = true
}
