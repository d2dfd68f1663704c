package oneshot_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// collect runs the collector until done, and reports whether that came to be.
func collect(done func() bool) bool {
	for range 1000 {
		runtime.GC()
		if done() {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// An unused Sender is collected: whoever waits for its message is told, however
// it waits.
func TestCollectedSenderDisconnects(t *testing.T) {
	for _, r := range blockingReceives {
		t.Run(r.name, func(t *testing.T) {
			_, rx := oneshot.NewGuarded[int]()
			result := make(chan error, 1)
			go func() {
				_, err := r.recv(rx)
				result <- err
			}()
			if !collect(func() bool { return len(result) == 1 }) {
				t.Fatal("nothing came")
			}
			if err := <-result; err != oneshot.ErrDisconnected {
				t.Errorf("%v, want ErrDisconnected", err)
			}
		})
	}
	t.Run("Poll", func(t *testing.T) {
		_, rx := oneshot.NewGuarded[int]()
		w := newCounter()
		w.poll(rx)
		if !collect(func() bool { return w.wakes.Load() == 1 }) {
			t.Fatal("nothing came")
		}
		if _, ready, err := w.poll(rx); !ready || err != oneshot.ErrDisconnected {
			t.Errorf("%v, %v, want ErrDisconnected", ready, err)
		}
	})
}

// A Sender that somebody uses or may use is not collected.
func TestSenderInUseIsNotCollected(t *testing.T) {
	t.Run("a goroutine has it", func(t *testing.T) {
		tx, rx := oneshot.NewGuarded[int]()
		release := make(chan struct{})
		go func() {
			<-release
			tx.Send(7)
		}()
		for range 5 {
			runtime.GC()
		}
		if _, err := rx.TryRecv(); err != oneshot.ErrEmpty {
			t.Errorf("%v, want ErrEmpty", err)
		}
		close(release)
		if v, err := rx.Recv(); v != 7 || err != nil {
			t.Errorf("%v, %v", v, err)
		}
	})
	t.Run("a goroutine waits for Closed", func(t *testing.T) {
		tx, rx := oneshot.NewGuarded[int]()
		result := make(chan error, 1)
		go func(closed future.Future[struct{}]) {
			_, err := future.Await(context.Background(), closed)
			result <- err
		}(tx.Closed())
		tx = nil
		for range 5 {
			runtime.GC()
		}
		if _, err := rx.TryRecv(); err != oneshot.ErrEmpty {
			t.Errorf("%v, want ErrEmpty", err)
		}
		rx.Close()
		if err := <-result; err != nil {
			t.Errorf("Closed: %v", err)
		}
	})
}

// What does not keep a Sender in use: the context, and a Closed that has ended.
func TestSenderIsCollectedAlthough(t *testing.T) {
	t.Run("there is a context", func(t *testing.T) {
		tx, rx := oneshot.NewGuarded[int]()
		ctx, cancel := tx.Context(context.Background())
		defer cancel()
		tx = nil
		if !collect(rx.IsClosed) {
			t.Fatal("nothing came")
		}
		<-ctx.Done()
		if err := context.Cause(ctx); err != oneshot.ErrSent {
			t.Errorf("cause: %v, want ErrSent", err)
		}
	})
	t.Run("a future of Closed was cancelled", func(t *testing.T) {
		tx, rx := oneshot.NewGuarded[int]()
		closed := tx.Closed()
		future.Cancel(closed)
		tx = nil
		if !collect(rx.IsClosed) {
			t.Fatal("nothing came")
		}
		runtime.KeepAlive(closed)
	})
}

// The use of the Sender takes the cleanup back: it does not keep the channel.
func TestUsedSenderHasNoCleanup(t *testing.T) {
	for _, closed := range []bool{false, true} {
		for _, s := range sendings {
			if closed && s.name != "Close" {
				continue // refused, which is no use
			}
			t.Run(fmt.Sprintf("%s closed=%v", s.name, closed), func(t *testing.T) {
				tx, rx := oneshot.NewGuarded[int]()
				if closed {
					rx.Close()
				}
				s.send(tx)
				gone := weak.Make(rx)
				rx = nil
				tx = nil
				// With its cleanup the channel would live through this collection.
				runtime.GC()
				if gone.Value() != nil {
					t.Error("the channel is still there")
				}
			})
		}
	}
}

// A receive that was in time holds no timer, which would hold the channel.
func TestTimerIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tx, rx := oneshot.New[int]()
		go func() { rx.RecvTimeout(time.Hour) }()
		synctest.Wait()
		tx.Send(1)
		synctest.Wait()
		gone := weak.Make(tx)
		tx, rx = nil, nil
		if !collect(func() bool { return gone.Value() == nil }) {
			t.Error("the channel is still there")
		}
	})
}

// A context that was cancelled is not held by the channel it came from.
func TestContextIsLetGo(t *testing.T) {
	tx, _ := oneshot.New[int]()
	type key struct{}
	value := new(int64)
	gone := weak.Make(value)
	_, cancel := tx.Context(context.WithValue(context.Background(), key{}, value))
	cancel()
	cancel, value = nil, nil
	if !collect(func() bool { return gone.Value() == nil }) {
		t.Error("the context is still there")
	}
	runtime.KeepAlive(tx)
}
