//go:build !race && !delay && !interleave

package oneshot_test

import (
	"context"
	"math/bits"
	"runtime"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/budget"
	"github.com/go-await/await/oneshot"
)

func nothing()   {}
func ignore(int) {}

// What everything allocates, at most.
func TestAllocations(t *testing.T) {
	budget.Check(t)
	w := newCounter().waker
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	requests := make(chan *oneshot.Sender[int])
	defer close(requests)
	go func() {
		for tx := range requests {
			runtime.Gosched() // so that the receiver waits
			tx.Send(1)
		}
	}()
	request := func() *oneshot.Receiver[int] {
		tx, rx := oneshot.New[int]()
		heapInt.rx = rx
		requests <- tx
		return rx
	}
	watched, _ := oneshot.New[int]()
	for _, c := range []struct {
		name   string
		allocs float64
		do     func()
	}{
		{"New", 1, func() { heapInt.tx, heapInt.rx = oneshot.New[int]() }},
		{"New, Send, TryRecv", 1, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			tx.Send(1)
			rx.TryRecv()
		}},
		{"New, Poll, Send, Poll", 1, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			rx.Poll(w)
			tx.Send(1)
			rx.Poll(w)
		}},
		{"New, Poll, Close, Send", 1, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			rx.Poll(w)
			rx.Close()
			tx.Send(1)
		}},
		{"New, Fail", 2, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			tx.Fail(errFailed)
		}},
		{"New, SendResult, TryRecv", 2, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			tx.SendResult(1, errFailed)
			rx.TryRecv()
		}},
		{"New, OnClose, stop", 2, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			stop := tx.OnClose(nothing)
			stop()
		}},
		{"OnClose, stop, of a channel that was watched before", 1, func() {
			defer watched.OnClose(nothing)()
		}},
		{"New, OnDrop, Send, Close", 2, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			rx.OnDrop(ignore)
			tx.Send(1)
			rx.Close()
		}},
		{"New, Recv that waits", 1, func() { request().Recv() }},
		{"New, RecvTimeout that waits", 4, func() { request().RecvTimeout(1 << 40) }},
		{"New, RecvContext that waits", 3, func() { request().RecvContext(ctx) }},
		{"New, RecvTimeout of zero", 1, func() {
			tx, rx := oneshot.New[int]()
			heapInt.tx = tx
			rx.RecvTimeout(0)
		}},
		{"New, Closed, Poll", 3, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			f := tx.Closed()
			f.Poll(w)
			future.Cancel(f)
		}},
		{"New, Context", 6, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			_, cancel := tx.Context(context.Background())
			cancel()
		}},
		{"New, OnClose", 2, func() {
			tx, rx := oneshot.New[int]()
			heapInt.rx = rx
			tx.OnClose(nothing)
		}},
		{"Closed, Poll, Cancel, of a channel that was watched before", 1, func() {
			f := watched.Closed()
			f.Poll(w)
			future.Cancel(f)
		}},
		{"NewGuarded, Send", 6, func() {
			tx, rx := oneshot.NewGuarded[int]()
			heapInt.rx = rx
			tx.Send(1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(200, c.do); got > c.allocs {
				t.Errorf("%v allocations, want at most %v", got, c.allocs)
			}
		})
	}
}

// A channel is two words and its message.
func TestSize(t *testing.T) {
	budget.Check(t)
	const word = bits.UintSize / 8
	for _, c := range []struct {
		name  string
		bytes uint64
		do    func()
	}{
		{"struct{}", 2 * word, func() { heapUnit.tx, heapUnit.rx = oneshot.New[struct{}]() }},
		{"int", 3 * word, func() { heapInt.tx, heapInt.rx = oneshot.New[int]() }},
		{"64 bytes", 80, func() { heap64.tx, heap64.rx = oneshot.New[bytes64]() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			const n = 1000
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range n {
				c.do()
			}
			runtime.ReadMemStats(&after)
			// Size classes round up, and others may allocate meanwhile.
			if got := (after.TotalAlloc - before.TotalAlloc) / n; got > c.bytes+8 {
				t.Errorf("%d bytes, want %d", got, c.bytes)
			}
		})
	}
}
