package oneshot_test

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/oneshot"
)

// The waiters are pooled for the whole process: those of one bubble are used in
// the next one, in bubbles at the same time, and outside.
func TestManyBubblesShareWaiters(t *testing.T) {
	for range 20 {
		waitInBubble(t)
		waitAll(t, time.Millisecond)
	}
	t.Run("at once", func(t *testing.T) {
		for range 4 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for range 20 {
					waitInBubble(t)
				}
			})
		}
	})
}

func waitInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		waitAll(t, time.Minute)
		if passed := time.Since(start); passed != time.Minute {
			t.Errorf("%v have passed, want a minute", passed)
		}
	})
}

// waitAll has a goroutine blocked in each of the blocking receives until d has
// passed, and one whose time is over just before.
func waitAll(t *testing.T, d time.Duration) {
	var wg sync.WaitGroup
	for _, r := range blockingReceives {
		tx, rx := oneshot.New[int]()
		wg.Go(func() {
			if v, err := r.recv(rx); v != 7 || err != nil {
				t.Errorf("%s: %v, %v", r.name, v, err)
			}
		})
		time.AfterFunc(d, func() { tx.Send(7) })
	}
	wg.Go(func() {
		_, rx := oneshot.New[int]()
		if _, err := rx.RecvTimeout(d - 1); err != oneshot.ErrTimeout {
			t.Errorf("RecvTimeout: %v", err)
		}
	})
	wg.Wait()
}

// Waiting is durably blocking.
func TestWaitingIsDurablyBlocking(t *testing.T) {
	for _, r := range blockingReceives {
		inBubble(t, r.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			returned := false
			go func() {
				r.recv(rx)
				returned = true
			}()
			synctest.Wait() // until the goroutine is durably blocked
			if returned {
				t.Error("it did not wait")
			}
			tx.Send(7)
			synctest.Wait()
			if !returned {
				t.Error("it did not return")
			}
		})
	}
}

// In a bubble a guarded channel has no net: its cleanup, which runs outside,
// would end the process if a goroutine of the bubble waited.
func TestNoGuardInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, rx := oneshot.NewGuarded[int]()
		w := newCounter()
		w.poll(rx)
		for range 3 {
			runtime.GC()
		}
		if n := w.wakes.Load(); n != 0 {
			t.Errorf("%d wakes from the collector", n)
		}
		if _, err := rx.RecvTimeout(time.Second); err != oneshot.ErrTimeout {
			t.Errorf("%v, want ErrTimeout", err)
		}
	})
}
