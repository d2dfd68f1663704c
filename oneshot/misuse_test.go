package oneshot_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// These were bugs of the first version: each test failed before its fix.

func TestCancelEndsBlockedReceives(t *testing.T) {
	for _, r := range blockingReceives {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, rx := oneshot.New[int]()
				done := make(chan error)
				go func() {
					_, err := r.recv(rx)
					done <- err
				}()
				synctest.Wait()
				rx.Cancel()
				if err := <-done; err != oneshot.ErrClosed {
					t.Errorf("%v, want ErrClosed", err)
				}
			})
		})
	}
}

// A blocking receive takes the place of the waker of an earlier Poll. It must
// put it back or wake it.
func TestWakerOfEarlierPollIsNotForgotten(t *testing.T) {
	expired, cancel := context.WithTimeout(context.Background(), 0)
	defer cancel()
	for _, c := range []struct {
		name, reason string
		recv         func(*oneshot.Receiver[int], *oneshot.Sender[int])
	}{
		{"timeout", "the receive gave up, and Send comes later", func(rx *oneshot.Receiver[int], tx *oneshot.Sender[int]) {
			rx.RecvTimeout(time.Nanosecond)
			tx.Send(1)
		}},
		{"context", "the receive gave up, and Send comes later", func(rx *oneshot.Receiver[int], tx *oneshot.Sender[int]) {
			rx.RecvContext(expired)
			tx.Send(1)
		}},
		{"received", "a Poll would give ErrReceived", func(rx *oneshot.Receiver[int], tx *oneshot.Sender[int]) {
			go func() {
				time.Sleep(time.Millisecond)
				tx.Send(1)
			}()
			rx.Recv()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				w := newCounter()
				w.poll(rx)
				c.recv(rx, tx)
				if w.wakes.Load() == 0 {
					t.Errorf("not woken: %s", c.reason)
				}
			})
		})
	}
}

func TestPanicOfOneWatcherDoesNotStopTheWakes(t *testing.T) {
	tx, rx := oneshot.New[int]()
	panics := future.NewWaker(func() { panic("waker") })
	first, second, third := newCounter(), newCounter(), newCounter()
	for _, w := range []*future.Waker{first.waker, panics, second.waker, panics, third.waker} {
		tx.Closed().Poll(w)
	}
	rx.Poll(panics)
	func() {
		defer func() {
			if r := recover(); r != "waker" {
				t.Errorf("recovered %v", r)
			}
		}()
		tx.Send(1)
	}()
	for i, w := range []*counter{first, second, third} {
		if n := w.wakes.Load(); n != 1 {
			t.Errorf("watcher %d: %d wakes, want 1", i+1, n)
		}
	}
	if v, err := rx.TryRecv(); v != 1 || err != nil {
		t.Errorf("TryRecv: %v, %v", v, err)
	}
}

type bigError [1024]byte

func (*bigError) Error() string { return "big" }

func TestErrorOfFailIsLetGo(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		end          func(*oneshot.Receiver[int])
	}{
		{"received", "the receiver has it now", func(rx *oneshot.Receiver[int]) { rx.TryRecv() }},
		{"closed", "nobody will have it", func(rx *oneshot.Receiver[int]) { rx.Close() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			err := new(bigError)
			gone := weak.Make(err)
			tx.Fail(err)
			c.end(rx)
			err = nil
			runtime.GC()
			if gone.Value() != nil {
				t.Errorf("the channel keeps the error: %s", c.reason)
			}
			if err := tx.Send(1); !errors.Is(err, oneshot.ErrSent) {
				t.Errorf("Send: %v", err)
			}
		})
	}
}
