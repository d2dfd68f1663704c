package oneshot_test

import (
	"testing"

	"github.com/go-await/await/oneshot"
)

// OnClose's function is called once if the receiver closes first, and never else.
func TestOnCloseIsCalledForACloseOnly(t *testing.T) {
	for _, c := range endings {
		t.Run(c.name, func(t *testing.T) {
			want := 0
			if c.cause == oneshot.ErrClosed {
				want = 1
			}
			tx, rx := oneshot.New[int]()
			before, after := 0, 0
			stop := tx.OnClose(func() { before++ })
			c.end(tx, rx)
			if before != want {
				t.Errorf("called %d times by the end, want %d: %s", before, want, c.reason)
			}
			stopAfter := tx.OnClose(func() { after++ })
			if after != want {
				t.Errorf("called %d times by an OnClose after the end, want %d", after, want)
			}
			rx.TryRecv()
			rx.Close()
			tx.Close()
			if before != want || after != want {
				t.Errorf("called %d and %d times in the end, want %d", before, after, want)
			}
			if stop() || stopAfter() {
				t.Errorf("stop after the end: true, want false")
			}
		})
	}
}

// The function finds the receiver closed: what it asks the Sender agrees with why it is
// called.
func TestOnCloseSeesTheReceiverClosed(t *testing.T) {
	for _, name := range []string{"before the close", "after the close"} {
		t.Run(name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			if name == "after the close" {
				rx.Close()
			}
			called, closed, sent := false, false, error(nil)
			tx.OnClose(func() { called, closed, sent = true, tx.IsClosed(), tx.Send(1) })
			rx.Close()
			if !called || !closed || sent != oneshot.ErrClosed {
				t.Errorf("called %v, IsClosed %v, Send %v, want true, true, %v", called, closed, sent, oneshot.ErrClosed)
			}
		})
	}
}

func TestOnCloseStopped(t *testing.T) {
	tx, rx := oneshot.New[int]()
	calls := 0
	stop := tx.OnClose(func() { calls++ })
	other := tx.OnClose(func() { calls += 10 })
	if !stop() {
		t.Error("stop: false, want true")
	}
	if stop() {
		t.Error("stop again: true, want false")
	}
	rx.Close()
	if calls != 10 {
		t.Errorf("calls: %d, want only the other function's", calls)
	}
	if other() {
		t.Error("stop of a function that was called: true, want false")
	}
}

// A function that panics, or closes once more, leaves nothing half-made.
func TestOnCloseThatPanics(t *testing.T) {
	tx, rx := oneshot.New[int]()
	w := newCounter()
	rx.Poll(w.waker)
	told := 0
	tx.OnClose(func() { told++ })
	tx.OnClose(func() { rx.Close(); tx.Close(); panic("on purpose") })
	closed := tx.Closed()
	watcher := newCounter()
	closed.Poll(watcher.waker)
	func() {
		defer func() {
			if r := recover(); r != "on purpose" {
				t.Errorf("Close panics with %v, want that of the function", r)
			}
		}()
		rx.Close()
	}()
	if n := w.wakes.Load(); n != 1 {
		t.Errorf("the task that receives: woken %d times, want once", n)
	}
	if told != 1 || watcher.wakes.Load() != 1 {
		t.Errorf("others: called %d times, woken %d times, want once each", told, watcher.wakes.Load())
	}
	if _, err := rx.TryRecv(); err != oneshot.ErrClosed {
		t.Errorf("TryRecv: %v, want ErrClosed", err)
	}
	if _, ready, err := closed.Poll(nil); !ready || err != nil {
		t.Errorf("Closed: %v, %v, want ready", ready, err)
	}
}

// IsOver reports what a Send would be told.
func TestIsOver(t *testing.T) {
	for _, c := range endings {
		tx, rx := oneshot.New[int]()
		if tx.IsOver() {
			t.Errorf("%s: over at first", c.name)
		}
		c.end(tx, rx)
		if !tx.IsOver() {
			t.Errorf("%s: not over", c.name)
		}
		rx.TryRecv()
		if !tx.IsOver() {
			t.Errorf("%s: not over after a receive", c.name)
		}
	}
}
