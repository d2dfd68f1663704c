package ants

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/panjf2000/ants/v2"
)

// A watch looks at doubling intervals until it is stopped, and not after that.
func TestWatchStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := ants.NewPool(1)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		w := newWatch(newQueue("TestWatchStops", p))
		next := func() time.Duration {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.next
		}
		time.Sleep(time.Hour)
		if d := next(); d < time.Hour || d > 4*time.Hour {
			t.Errorf("the next look is after %v", d)
		}
		w.stop()
		stopped := next()
		time.Sleep(24 * time.Hour)
		if d := next(); d != stopped {
			t.Errorf("it went on: the next look is after %v, was %v", d, stopped)
		}
	})
}

// A watch ends when the next interval is too long for a Duration, which the clock of a
// bubble comes to: otherwise it would look without a pause.
func TestWatchEndsWithTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := ants.NewPool(1)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		w := newWatch(newQueue("TestWatchEndsWithTime", p))
		defer w.stop()
		w.mu.Lock()
		w.next = 1 << 62
		w.mu.Unlock()
		for _, set := range []bool{true, false} { // the second interval would be 1 << 63
			w.look()
			w.mu.Lock()
			if got := w.timer.Stop(); got != set {
				t.Errorf("the timer is set: got %v, want %v", got, set)
			}
			w.mu.Unlock()
		}
	})
}
