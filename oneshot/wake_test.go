package oneshot_test

import (
	"sync"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A trial is a channel with two wakers of the receiver and one of the sender.
type trial struct {
	tx           *oneshot.Sender[int]
	rx           *oneshot.Receiver[int]
	closed       future.Future[struct{}]
	w1, w2, mine *counter
	pending      bool // what the latest Poll said
}

func (r *trial) poll(w *counter) {
	_, ready, _ := w.poll(r.rx)
	r.pending = !ready
}

func (r *trial) pollClosed() {
	_, ready, _ := r.closed.Poll(r.mine.waker)
	r.pending = !ready
}

// Lifecycles, with the wakes of each waker after every step.
func TestWakes(t *testing.T) {
	type step struct {
		name         string
		do           func(r *trial)
		w1, w2, mine int32 // wakes so far
		pending      bool
	}
	poll1 := func(r *trial) { r.poll(r.w1) }
	poll2 := func(r *trial) { r.poll(r.w2) }
	pollNil := func(r *trial) { _, ready, _ := r.rx.Poll(nil); r.pending = !ready }
	pollClosed := func(r *trial) { r.pollClosed() }
	send := func(r *trial) { r.tx.Send(1) }
	for _, c := range []struct {
		name, reason string
		steps        []step
	}{
		{"one poll", "the sender's end wakes, once", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"send", send, 1, 0, 0, true},
			{"send again", send, 1, 0, 0, true},
			{"close", func(r *trial) { r.tx.Close() }, 1, 0, 0, true},
			{"poll", poll1, 1, 0, 0, false},
			{"poll", poll1, 1, 0, 0, false},
		}},
		{"fail", "as send", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"fail", func(r *trial) { r.tx.Fail(errFailed) }, 1, 0, 0, true},
			{"poll", poll1, 1, 0, 0, false},
		}},
		{"disconnect", "as send", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"close", func(r *trial) { r.tx.Close() }, 1, 0, 0, true},
			{"poll", poll1, 1, 0, 0, false},
		}},
		{"the same waker again", "a poll with the waker it has does nothing", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"poll", poll1, 0, 0, 0, true},
			{"send", send, 1, 0, 0, true},
		}},
		{"different wakers", "only the latest is kept", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"poll 2", poll2, 0, 0, 0, true},
			{"send", send, 0, 1, 0, true},
			{"poll", poll1, 0, 1, 0, false},
		}},
		{"there and back", "only the latest is kept", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"poll 2", poll2, 0, 0, 0, true},
			{"poll", poll1, 0, 0, 0, true},
			{"send", send, 1, 0, 0, true},
		}},
		{"nil", "a try does not forget the waker", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"poll nil", pollNil, 0, 0, 0, true},
			{"send", send, 1, 0, 0, true},
			{"poll nil", pollNil, 1, 0, 0, false},
		}},
		{"try", "a try does not forget the waker", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"try", func(r *trial) { r.rx.TryRecv() }, 0, 0, 0, true},
			{"timeout 0", func(r *trial) { r.rx.RecvTimeout(0) }, 0, 0, 0, true},
			{"send", send, 1, 0, 0, true},
			{"try", func(r *trial) { r.rx.TryRecv() }, 1, 0, 0, true},
			{"poll", poll1, 1, 0, 0, false},
		}},
		{"message first", "nobody is woken for nothing", []step{
			{"send", send, 0, 0, 0, false},
			{"poll", poll1, 0, 0, 0, false},
			{"close", func(r *trial) { r.rx.Close() }, 0, 0, 0, false},
		}},
		{"closed by another", "a task whose receiver is closed gets to know", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"close", func(r *trial) { r.rx.Close() }, 1, 0, 0, true},
			{"close", func(r *trial) { r.rx.Close() }, 1, 0, 0, true},
			{"send", send, 1, 0, 0, true},
			{"poll", poll1, 1, 0, 0, false},
		}},
		{"the receiver closes", "the sender's waker is woken, once", []step{
			{"poll closed", pollClosed, 0, 0, 0, true},
			{"poll closed", pollClosed, 0, 0, 0, true},
			{"close", func(r *trial) { r.rx.Close() }, 0, 0, 1, true},
			{"close", func(r *trial) { r.rx.Close() }, 0, 0, 1, true},
			{"poll closed", pollClosed, 0, 0, 1, false},
			{"poll closed", pollClosed, 0, 0, 1, false},
		}},
		{"the receiver cancels", "as close", []step{
			{"poll closed", pollClosed, 0, 0, 0, true},
			{"cancel", func(r *trial) { r.rx.Cancel() }, 0, 0, 1, true},
			{"cancel", func(r *trial) { r.rx.Cancel() }, 0, 0, 1, true},
			{"poll closed", pollClosed, 0, 0, 1, false},
		}},
		{"the sender sends", "who waits for the receiver's end gets ErrSent", []step{
			{"poll closed", pollClosed, 0, 0, 0, true},
			{"send", send, 0, 0, 1, true},
			{"poll closed", pollClosed, 0, 0, 1, false},
			{"close", func(r *trial) { r.rx.Close() }, 0, 0, 1, false},
		}},
		{"both wait", "Send tells both", []step{
			{"poll", poll1, 0, 0, 0, true},
			{"poll closed", pollClosed, 0, 0, 0, true},
			{"send", send, 1, 0, 1, true},
		}},
		{"watching is over", "Cancel of Closed takes its waker out", []step{
			{"poll closed", pollClosed, 0, 0, 0, true},
			{"cancel closed", func(r *trial) { future.Cancel(r.closed) }, 0, 0, 0, true},
			{"close", func(r *trial) { r.rx.Close() }, 0, 0, 0, true},
			{"poll closed", pollClosed, 0, 0, 0, false},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			r := &trial{tx: tx, rx: rx, closed: tx.Closed(), w1: newCounter(), w2: newCounter(), mine: newCounter()}
			for i, s := range c.steps {
				s.do(r)
				w1, w2, mine := r.w1.wakes.Load(), r.w2.wakes.Load(), r.mine.wakes.Load()
				if w1 != s.w1 || w2 != s.w2 || mine != s.mine || r.pending != s.pending {
					t.Fatalf("step %d, %s: wakes %d, %d, %d, pending %v, want %d, %d, %d, %v: %s",
						i, s.name, w1, w2, mine, r.pending, s.w1, s.w2, s.mine, s.pending, c.reason)
				}
			}
		})
	}
}

// The races in which others had their bugs: the sender ends while the receiver
// polls, changes its waker, and goes.
func TestPollAndGoWhileSending(t *testing.T) {
	rounds := 20_000
	if testing.Short() {
		rounds = 1000
	}
	ends := []func(tx *oneshot.Sender[int]) error{
		func(tx *oneshot.Sender[int]) error { return tx.Send(7) },
		func(tx *oneshot.Sender[int]) error { return tx.Fail(errFailed) },
		func(tx *oneshot.Sender[int]) error { return tx.Close() },
	}
	for round := range rounds {
		tx, rx := oneshot.New[int]()
		var wg sync.WaitGroup
		sent := error(nil)
		wg.Go(func() { sent = ends[round%len(ends)](tx) })
		w1, w2 := newCounter(), newCounter()
		_, ready, err := w1.poll(rx)
		if !ready {
			_, ready, err = w2.poll(rx)
		}
		goes := round/len(ends)%3 > 0
		switch {
		case !goes:
		case round%2 == 0:
			rx.Close()
		default:
			rx.Cancel()
		}
		wg.Wait()
		switch {
		case sent != nil && sent != oneshot.ErrClosed, sent == oneshot.ErrClosed && !goes:
			t.Fatalf("round %d: sender got %v", round, sent)
		case ready && err == oneshot.ErrClosed:
			t.Fatalf("round %d: closed before anybody closed it", round)
		case !ready && !goes && w2.wakes.Load() != 1:
			t.Fatalf("round %d: %d wakes of the latest waker, want 1", round, w2.wakes.Load())
		}
	}
}
