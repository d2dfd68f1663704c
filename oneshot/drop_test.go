package oneshot_test

import (
	"slices"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var _ future.Dropper[int] = (*oneshot.Receiver[int])(nil)

// What becomes of a message decides whether it is dropped: exactly those that no
// receive returns, and that are not left to the caller of Send.
func TestOnDropGetsWhatNoReceiveReturns(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		do           func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int])
		want         []int
	}{
		{"closed with the message in it", "it was delivered, and nothing receives it", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			tx.Send(7)
			rx.Close()
		}, []int{7}},
		{"closed twice", "it comes once", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			tx.Send(7)
			rx.Close()
			rx.Close()
		}, []int{7}},
		{"received", "it is the caller's", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			tx.Send(7)
			rx.TryRecv()
			rx.Close()
		}, nil},
		{"canceled with the message in it", "a Poll still gives it", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			tx.Send(7)
			rx.Cancel()
			if v, ready, err := rx.Poll(nil); v != 7 || !ready || err != nil {
				t.Errorf("Poll after Cancel: %v, %v, %v, want the message", v, ready, err)
			}
		}, nil},
		{"canceled and closed with the message in it", "it was not polled", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			tx.Send(7)
			rx.Cancel()
			rx.Close()
		}, []int{7}},
		{"Send after Close", "its caller has it", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			rx.Close()
			tx.Send(7)
		}, nil},
		{"delivered after Close", "its sender has no use for it", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			rx.Close()
			if err := oneshot.Deliver(tx, 7, nil); err != oneshot.ErrClosed {
				t.Errorf("refused with %v, want ErrClosed", err)
			}
		}, []int{7}},
		{"delivered after Cancel", "its sender has no use for it", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			rx.Cancel()
			oneshot.Deliver(tx, 7, nil)
		}, []int{7}},
		{"delivered in time", "it is received", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			if err := oneshot.Deliver(tx, 7, nil); err != nil {
				t.Errorf("refused with %v", err)
			}
			rx.Recv()
		}, nil},
		{"delivered with an error after Close", "such a value is not dropped", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			rx.Close()
			oneshot.Deliver(tx, 7, errFailed)
		}, nil},
		{"closed with a value and an error in it", "such a value is not dropped", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			tx.SendResult(7, errFailed)
			rx.Close()
		}, nil},
		{"disconnected", "there is none", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) {
			tx.Close()
			rx.Close()
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			// OnDrop before, and after, the Sender is watched, or used.
			for _, guarded := range []bool{false, true} {
				for _, watched := range []bool{false, true} {
					tx, rx := oneshot.New[int]()
					if guarded {
						tx, rx = oneshot.NewGuarded[int]()
					}
					if watched {
						tx.Closed().Poll(nil)
					}
					var first, second []int
					rx.OnDrop(func(v int) { first = append(first, v) })
					rx.OnDrop(func(v int) { second = append(second, v) })
					c.do(tx, rx)
					tx.Close()
					if !slices.Equal(first, c.want) || !slices.Equal(second, c.want) {
						t.Errorf("guarded %v, watched %v: dropped %v and %v, want %v: %s", guarded, watched, first, second, c.want, c.reason)
					}
				}
			}
		})
	}
}

// OnDrop may come when the Sender was used already, or the receiver is closed.
func TestOnDropAfterTheSender(t *testing.T) {
	for name, send := range map[string]func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) (end func()){
		"sent": func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) func() {
			tx.Send(7)
			return rx.Close
		},
		"canceled": func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) func() {
			rx.Cancel()
			return func() { oneshot.Deliver(tx, 7, nil) }
		},
		"sent, and polled for": func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int]) func() {
			rx.Poll(newCounter().waker)
			tx.Send(7)
			return rx.Close
		},
	} {
		tx, rx := oneshot.New[int]()
		end := send(tx, rx)
		var got []int
		rx.OnDrop(func(v int) { got = append(got, v) })
		end()
		if !slices.Equal(got, []int{7}) {
			t.Errorf("%s: dropped %v, want [7]", name, got)
		}
		if err := tx.Send(8); name == "sent" && err != oneshot.ErrSent {
			t.Errorf("%s: Send again: %v, want ErrSent", name, err)
		}
	}
}

// A receive after OnDrop gets what it would get without.
func TestOnDropChangesNoReceive(t *testing.T) {
	for _, s := range sendings {
		for _, r := range allReceives() {
			inBubble(t, s.name+"/"+r.name, func(t *testing.T) {
				tx, rx := oneshot.New[int]()
				rx.OnDrop(func(int) { t.Error("dropped") })
				if err := s.send(tx); err != nil {
					t.Fatalf("sender: %v", err)
				}
				if v, err := r.recv(rx); v != s.want || err != s.err {
					t.Errorf("%v, %v, want %v, %v", v, err, s.want, s.err)
				}
				rx.Close()
			})
		}
	}
}

// All functions are called, and the channel is as it should be, if one panics.
func TestOnDropThatPanics(t *testing.T) {
	for _, closing := range []bool{true, false} {
		tx, rx := oneshot.New[int]()
		calls := 0
		rx.OnDrop(func(int) { calls++ })
		rx.OnDrop(func(int) { panic("on purpose") })
		func() {
			defer func() {
				if r := recover(); r != "on purpose" {
					t.Errorf("closing %v: panic %v, want that of the function", closing, r)
				}
			}()
			if closing {
				tx.Send(7)
				rx.Close()
			} else {
				rx.Close()
				oneshot.Deliver(tx, 7, nil)
			}
		}()
		if calls != 1 {
			t.Errorf("closing %v: the other function was called %d times, want once", closing, calls)
		}
		if _, err := rx.TryRecv(); err != oneshot.ErrClosed {
			t.Errorf("closing %v: TryRecv: %v, want ErrClosed", closing, err)
		}
	}
}
