package oneshot_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// inBubble runs f in a synctest bubble, as a subtest.
func inBubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// Everything a sender can do, and then every receive: none has to wait.
func TestSenderIsFirst(t *testing.T) {
	for _, s := range sendings {
		for _, r := range allReceives() {
			inBubble(t, s.name+"/"+r.name, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				start := time.Now()
				if err := s.send(tx); err != nil {
					t.Fatalf("sender: %v", err)
				}
				if got, want := rx.HasMessage(), s.err == nil; got != want {
					t.Errorf("HasMessage: %v, want %v", got, want)
				}
				if got, want := rx.IsClosed(), s.err != nil; got != want {
					t.Errorf("IsClosed: %v, want %v", got, want)
				}
				if v, err := r.recv(rx); v != s.want || err != s.err {
					t.Errorf("%v, %v, want %v, %v: %s", v, err, s.want, s.err, s.reason)
				}
				if rx.HasMessage() || !rx.IsClosed() {
					t.Errorf("after it: HasMessage %v, IsClosed %v", rx.HasMessage(), rx.IsClosed())
				}
				if passed := time.Since(start); passed != 0 {
					t.Errorf("it took %v", passed)
				}
				if err := tx.Send(9); err != oneshot.ErrSent {
					t.Errorf("another Send: %v, want ErrSent", err)
				}
			})
		}
	}
}

// A result is given once; what comes after it depends on the result only.
func TestReceiveAgain(t *testing.T) {
	for _, s := range sendings {
		for _, r := range allReceives() {
			inBubble(t, s.name+"/"+r.name, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				s.send(tx)
				rx.TryRecv()
				if v, err := r.recv(rx); v != 0 || err != s.again {
					t.Errorf("%v, %v, want %v: %s", v, err, s.again, s.reason)
				}
			})
		}
		t.Run(s.name+"/Poll after Poll", func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			s.send(tx)
			rx.Poll(nil)
			for range 2 {
				if _, ready, err := rx.Poll(nil); !ready || !errors.Is(err, future.ErrConsumed) {
					t.Errorf("%v, %v, want ErrConsumed: a future's result comes once", ready, err)
				}
			}
		})
	}
}

// Every blocking receive, and then everything a sender can do.
func TestReceiverIsFirst(t *testing.T) {
	for _, s := range sendings {
		for _, r := range blockingReceives {
			inBubble(t, s.name+"/"+r.name, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				start := time.Now()
				go func() {
					time.Sleep(time.Second)
					if rx.HasMessage() || rx.IsClosed() || tx.IsClosed() {
						t.Errorf("while it waits: HasMessage %v, IsClosed %v, sender's IsClosed %v",
							rx.HasMessage(), rx.IsClosed(), tx.IsClosed())
					}
					if err := s.send(tx); err != nil {
						t.Errorf("sender: %v", err)
					}
				}()
				if v, err := r.recv(rx); v != s.want || err != s.err {
					t.Errorf("%v, %v, want %v, %v: %s", v, err, s.want, s.err, s.reason)
				}
				if passed := time.Since(start); passed != time.Second {
					t.Errorf("it took %v, the sender one second", passed)
				}
			})
		}
	}
}

// A guarded Sender does all that another does.
func TestGuardedSender(t *testing.T) {
	for _, s := range sendings {
		for _, r := range blockingReceives {
			t.Run(s.name+"/"+r.name, func(t *testing.T) {
				tx, rx := oneshot.NewGuarded[int]()
				sent := make(chan error)
				go func() { sent <- s.send(tx) }()
				if v, err := r.recv(rx); v != s.want || err != s.err {
					t.Errorf("%v, %v, want %v, %v: %s", v, err, s.want, s.err, s.reason)
				}
				if err := <-sent; err != nil {
					t.Errorf("sender: %v", err)
				}
				if err := tx.Send(9); err != oneshot.ErrSent {
					t.Errorf("another Send: %v, want ErrSent", err)
				}
			})
		}
	}
}

// Nothing comes: a receive that does not wait says so at once, and others when
// their time is over. The receiver stays usable.
func TestNothingComes(t *testing.T) {
	type row struct {
		receive
		err   error
		lasts time.Duration
	}
	rows := []row{
		{receive{"RecvTimeout", func(rx *oneshot.Receiver[int]) (int, error) {
			return rx.RecvTimeout(time.Minute)
		}}, oneshot.ErrTimeout, time.Minute},
		{receive{"RecvTimeout of a nanosecond", func(rx *oneshot.Receiver[int]) (int, error) {
			return rx.RecvTimeout(1)
		}}, oneshot.ErrTimeout, 1},
		{receive{"RecvDeadline", func(rx *oneshot.Receiver[int]) (int, error) {
			return rx.RecvDeadline(time.Now().Add(time.Minute))
		}}, oneshot.ErrTimeout, time.Minute},
		{receive{"RecvContext with a timeout", func(rx *oneshot.Receiver[int]) (int, error) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			return rx.RecvContext(ctx)
		}}, context.DeadlineExceeded, time.Minute},
		{receive{"RecvContext cancelled", func(rx *oneshot.Receiver[int]) (int, error) {
			ctx, cancel := context.WithCancelCause(context.Background())
			time.AfterFunc(time.Minute, func() { cancel(errGone) })
			return rx.RecvContext(ctx)
		}}, errGone, time.Minute},
	}
	for _, r := range endedReceives {
		rows = append(rows, row{r.receive, r.empty, 0})
	}
	for _, r := range rows {
		inBubble(t, r.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			for range 3 {
				start := time.Now()
				if v, err := r.recv(rx); v != 0 || err != r.err {
					t.Fatalf("%v, %v, want %v", v, err, r.err)
				}
				if passed := time.Since(start); passed != r.lasts {
					t.Errorf("it took %v, want %v", passed, r.lasts)
				}
			}
			if err := tx.Send(7); err != nil {
				t.Errorf("Send afterwards: %v", err)
			}
			if v, err := r.recv(rx); v != 7 || err != nil {
				t.Errorf("the same receive afterwards: %v, %v, want 7", v, err)
			}
		})
	}
}

// A message that comes in the very moment in which the time is over is not lost.
func TestTimeIsOverAsMessageComes(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			time.AfterFunc(time.Second, func() {
				if err := tx.Send(7); err != nil {
					t.Errorf("Send: %v", err)
				}
			})
			v, err := rx.RecvTimeout(time.Second)
			if err == oneshot.ErrTimeout {
				v, err = rx.Recv()
			}
			if v != 7 || err != nil {
				t.Errorf("%v, %v", v, err)
			}
		})
	}
}

func TestErrTimeout(t *testing.T) {
	_, rx := oneshot.New[int]()
	_, err := rx.RecvTimeout(0)
	if t, ok := err.(interface{ Timeout() bool }); !ok || !t.Timeout() {
		err = errors.New("no Timeout method")
	}
	for _, target := range []error{future.ErrTimeout, context.DeadlineExceeded, os.ErrDeadlineExceeded} {
		if !errors.Is(err, target) {
			t.Errorf("%v is not %v", err, target)
		}
	}
}

// The receiver goes, at every point.
func TestReceiverGoes(t *testing.T) {
	goings := []struct {
		name  string
		leave func(rx *oneshot.Receiver[int])
	}{
		{"Close", (*oneshot.Receiver[int]).Close},
		{"Cancel", (*oneshot.Receiver[int]).Cancel},
		{"Close twice", func(rx *oneshot.Receiver[int]) { rx.Close(); rx.Close() }},
		{"Cancel and Close", func(rx *oneshot.Receiver[int]) { rx.Cancel(); rx.Close() }},
		{"Close while it waits", func(rx *oneshot.Receiver[int]) {
			time.AfterFunc(time.Second, rx.Close)
			if _, err := rx.Recv(); err != oneshot.ErrClosed {
				panic(err)
			}
		}},
		{"Close after a Poll", func(rx *oneshot.Receiver[int]) {
			newCounter().poll(rx)
			rx.Close()
		}},
	}
	sends := []struct {
		name string
		send func(tx *oneshot.Sender[int]) error
		err  error
	}{
		{"Send", func(tx *oneshot.Sender[int]) error { return tx.Send(7) }, oneshot.ErrClosed},
		{"Send twice", func(tx *oneshot.Sender[int]) error { tx.Send(7); return tx.Send(7) }, oneshot.ErrClosed},
		{"Fail", func(tx *oneshot.Sender[int]) error { return tx.Fail(errFailed) }, oneshot.ErrClosed},
		{"Close", func(tx *oneshot.Sender[int]) error { return tx.Close() }, nil},
		{"Close, Send", func(tx *oneshot.Sender[int]) error { tx.Close(); return tx.Send(7) }, oneshot.ErrSent},
	}
	for _, g := range goings {
		for _, s := range sends {
			inBubble(t, g.name+"/"+s.name, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				g.leave(rx)
				if !tx.IsClosed() || !rx.IsClosed() || rx.HasMessage() {
					t.Errorf("sender's IsClosed %v, IsClosed %v, HasMessage %v",
						tx.IsClosed(), rx.IsClosed(), rx.HasMessage())
				}
				if err := s.send(tx); err != s.err {
					t.Errorf("sender: %v, want %v", err, s.err)
				}
				for _, r := range allReceives() {
					if v, err := r.recv(rx); v != 0 || err != oneshot.ErrClosed {
						t.Errorf("%s afterwards: %v, %v, want ErrClosed", r.name, v, err)
					}
				}
			})
		}
	}
}

// What Close and Cancel do to a result that has come.
func TestReceiverGoesAfterTheSender(t *testing.T) {
	for _, s := range sendings {
		t.Run(s.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			s.send(tx)
			rx.Cancel()
			if v, err := rx.TryRecv(); v != s.want || err != s.err {
				t.Errorf("after Cancel: %v, %v, want %v, %v: the result stays", v, err, s.want, s.err)
			}

			tx, rx = oneshot.New[int]()
			s.send(tx)
			rx.Close()
			if v, err := rx.TryRecv(); v != 0 || err != oneshot.ErrClosed {
				t.Errorf("after Close: %v, %v, want ErrClosed", v, err)
			}
			if err := tx.Send(8); err != oneshot.ErrSent {
				t.Errorf("Send after Close: %v, want ErrSent", err)
			}

			tx, rx = oneshot.New[int]()
			s.send(tx)
			rx.Poll(nil)
			rx.Close()
			rx.Cancel()
			if _, err := rx.TryRecv(); err != oneshot.ErrReceived {
				t.Errorf("received, then Close: %v, want ErrReceived", err)
			}
		})
	}
}

// Two receives at once are a mistake that does not hang.
func TestTwoReceivesAtOnce(t *testing.T) {
	for _, first := range blockingReceives {
		for _, second := range blockingReceives {
			if first.name == "Await" {
				continue // its waker is one of a Poll
			}
			inBubble(t, first.name+"/"+second.name, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				got := make(chan int)
				go func() {
					v, _ := first.recv(rx)
					got <- v
				}()
				synctest.Wait()
				if _, err := second.recv(rx); err != oneshot.ErrBusy {
					t.Errorf("second: %v, want ErrBusy", err)
				}
				for _, r := range endedReceives {
					if _, err := r.recv(rx); err != r.empty && err != oneshot.ErrBusy {
						t.Errorf("%s: %v, want %v", r.name, err, r.empty)
					}
				}
				tx.Send(7)
				if v := <-got; v != 7 {
					t.Errorf("first: %v, want 7", v)
				}
			})
		}
	}
}
