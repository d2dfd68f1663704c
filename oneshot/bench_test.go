package oneshot_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// The groups are those of the benchmarks of the Rust crate oneshot, so that the
// two can be set side by side, and a few more. Each group has the same work done
// with a channel of one slot, and with a WaitGroup and a variable where that can
// do it. Look at ratios within a run.

type (
	bytes16   = [16]byte
	bytes64   = [64]byte
	bytes4096 = [4096]byte
)

// ends keeps both ends on the heap, where they are when two goroutines share
// them.
type ends[T any] struct {
	tx *oneshot.Sender[T]
	rx *oneshot.Receiver[T]
}

var (
	heapUnit  ends[struct{}]
	heapInt   ends[int]
	heap16    ends[bytes16]
	heap64    ends[bytes64]
	heap4096  ends[bytes4096]
	heapFloor *floor
)

func loop(b *testing.B, name string, body func(b *testing.B)) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		body(b)
	})
}

// server returns where a goroutine takes requests and answers them.
func server[R any](b *testing.B, answer func(R)) chan<- R {
	requests := make(chan R)
	b.Cleanup(func() { close(requests) })
	go func() {
		for r := range requests {
			answer(r)
		}
	}()
	return requests
}

func BenchmarkCreate(b *testing.B) {
	b.Run("T=struct{}", func(b *testing.B) { create(b, &heapUnit) })
	b.Run("T=int", func(b *testing.B) { create(b, &heapInt) })
	b.Run("T=16B", func(b *testing.B) { create(b, &heap16) })
	b.Run("T=64B", func(b *testing.B) { create(b, &heap64) })
	b.Run("T=4096B", func(b *testing.B) { create(b, &heap4096) })
}

func create[T any](b *testing.B, heap *ends[T]) {
	loop(b, "oneshot", func(b *testing.B) {
		for b.Loop() {
			heap.tx, heap.rx = oneshot.New[T]()
		}
	})
	loop(b, "chan", func(b *testing.B) {
		for b.Loop() {
			_ = make(chan T, 1)
		}
	})
	loop(b, "guarded", func(b *testing.B) {
		for b.Loop() {
			heap.tx, heap.rx = oneshot.NewGuarded[T]()
		}
	})
}

func BenchmarkCreateSend(b *testing.B) {
	b.Run("T=struct{}", func(b *testing.B) { createSend(b, &heapUnit) })
	b.Run("T=int", func(b *testing.B) { createSend(b, &heapInt) })
	b.Run("T=16B", func(b *testing.B) { createSend(b, &heap16) })
	b.Run("T=64B", func(b *testing.B) { createSend(b, &heap64) })
	b.Run("T=4096B", func(b *testing.B) { createSend(b, &heap4096) })
}

func createSend[T any](b *testing.B, heap *ends[T]) {
	var v T
	loop(b, "oneshot", func(b *testing.B) {
		for b.Loop() {
			tx, rx := oneshot.New[T]()
			heap.rx = rx
			tx.Send(v)
		}
	})
	loop(b, "chan", func(b *testing.B) {
		for b.Loop() {
			c := make(chan T, 1)
			c <- v
		}
	})
}

// A channel cannot say that nobody will receive; the usual stand-in is a second
// channel that the receiver closes.
func BenchmarkCreateSendOnClosed(b *testing.B) {
	b.Run("T=struct{}", func(b *testing.B) { createSendOnClosed(b, &heapUnit) })
	b.Run("T=int", func(b *testing.B) { createSendOnClosed(b, &heapInt) })
	b.Run("T=16B", func(b *testing.B) { createSendOnClosed(b, &heap16) })
	b.Run("T=64B", func(b *testing.B) { createSendOnClosed(b, &heap64) })
	b.Run("T=4096B", func(b *testing.B) { createSendOnClosed(b, &heap4096) })
}

func createSendOnClosed[T any](b *testing.B, heap *ends[T]) {
	var v T
	loop(b, "oneshot", func(b *testing.B) {
		for b.Loop() {
			tx, rx := oneshot.New[T]()
			heap.rx = rx
			rx.Close()
			tx.Send(v)
		}
	})
	loop(b, "chan", func(b *testing.B) {
		for b.Loop() {
			c := make(chan T, 1)
			gone := make(chan struct{})
			close(gone)
			select {
			case <-gone:
			default:
				c <- v
			}
		}
	})
}

func BenchmarkCreateSendReceive(b *testing.B) {
	b.Run("T=struct{}", func(b *testing.B) { createSendReceive(b, &heapUnit) })
	b.Run("T=int", func(b *testing.B) { createSendReceive(b, &heapInt) })
	b.Run("T=16B", func(b *testing.B) { createSendReceive(b, &heap16) })
	b.Run("T=64B", func(b *testing.B) { createSendReceive(b, &heap64) })
	b.Run("T=4096B", func(b *testing.B) { createSendReceive(b, &heap4096) })
}

func createSendReceive[T any](b *testing.B, heap *ends[T]) {
	var v T
	loop(b, "oneshot", func(b *testing.B) {
		for b.Loop() {
			tx, rx := oneshot.New[T]()
			heap.rx = rx
			tx.Send(v)
			v, _ = rx.Recv()
		}
	})
	loop(b, "oneshot-try", func(b *testing.B) {
		for b.Loop() {
			tx, rx := oneshot.New[T]()
			heap.rx = rx
			tx.Send(v)
			v, _ = rx.TryRecv()
		}
	})
	loop(b, "oneshot-poll", func(b *testing.B) {
		w := future.NewWaker(func() {})
		for b.Loop() {
			tx, rx := oneshot.New[T]()
			heap.rx = rx
			rx.Poll(w)
			tx.Send(v)
			v, _, _ = rx.Poll(w)
		}
	})
	loop(b, "guarded", func(b *testing.B) {
		for b.Loop() {
			tx, rx := oneshot.NewGuarded[T]()
			heap.rx = rx
			tx.Send(v)
			v, _ = rx.Recv()
		}
	})
	loop(b, "chan", func(b *testing.B) {
		for b.Loop() {
			c := make(chan T, 1)
			c <- v
			v = <-c
		}
	})
	loop(b, "waitgroup", func(b *testing.B) {
		type result struct {
			wg sync.WaitGroup
			v  T
		}
		var keep *result
		for b.Loop() {
			r := new(result)
			keep = r
			r.wg.Add(1)
			r.v = v
			r.wg.Done()
			r.wg.Wait()
			v = r.v
		}
		runtime.KeepAlive(keep)
	})
}

// A floor has the size and the pointers of a oneshot of an int.
type floor struct {
	value        int
	state, claim atomic.Pointer[future.Waker]
}

// A parking is a condition without a mutex. It sends itself as the request once
// it holds its ticket.
type parking struct {
	cond     sync.Cond
	requests chan<- *parking
}

func (p *parking) Lock()   {}
func (p *parking) Unlock() { p.requests <- p }

// BenchmarkFloor is what a oneshot of an int cannot do without: an allocation, a
// claim and a swap to send, a compare-and-swap to receive, and to wait a park.
func BenchmarkFloor(b *testing.B) {
	mark := future.NewWaker(func() {})
	loop(b, "alloc", func(b *testing.B) {
		for b.Loop() {
			heapFloor = new(floor)
		}
	})
	loop(b, "swap", func(b *testing.B) {
		f := new(floor)
		for b.Loop() {
			f.state.Swap(mark)
		}
	})
	loop(b, "alloc+claim+swap+take", func(b *testing.B) {
		for b.Loop() {
			f := new(floor)
			heapFloor = f
			if !f.claim.CompareAndSwap(nil, mark) {
				b.Fatal("claimed")
			}
			f.value = 1
			f.state.Swap(mark)
			if !f.state.CompareAndSwap(mark, nil) {
				b.Fatal("taken")
			}
		}
	})
	// A round trip as in BenchmarkRequestReply, without a reply: the request,
	// and a park that the server ends.
	loop(b, "park", func(b *testing.B) {
		requests := server(b, func(p *parking) { p.cond.Signal() })
		p := &parking{requests: requests}
		p.cond.L = p
		for b.Loop() {
			p.cond.Wait()
		}
	})
	if unsafe.Sizeof(floor{}) != 8+2*unsafe.Sizeof(uintptr(0)) && unsafe.Sizeof(uintptr(0)) == 8 {
		b.Fatal("not the size of a oneshot")
	}
}

// loadCall is an atomic load behind a call, what TryRecv cannot be cheaper than.
//
//go:noinline
func loadCall(f *floor) bool { return f.state.Load() == nil }

func BenchmarkTryRecv(b *testing.B) {
	loop(b, "empty/load+call", func(b *testing.B) {
		f := new(floor)
		for b.Loop() {
			loadCall(f)
		}
	})
	loop(b, "empty/oneshot", func(b *testing.B) {
		_, rx := oneshot.New[int]()
		for b.Loop() {
			rx.TryRecv()
		}
	})
	loop(b, "empty/chan", func(b *testing.B) {
		c := make(chan int, 1)
		for b.Loop() {
			select {
			case <-c:
			default:
			}
		}
	})
	loop(b, "closed/oneshot", func(b *testing.B) {
		tx, rx := oneshot.New[int]()
		tx.Close()
		for b.Loop() {
			rx.TryRecv()
		}
	})
	loop(b, "closed/chan", func(b *testing.B) {
		c := make(chan int, 1)
		close(c)
		for b.Loop() {
			select {
			case <-c:
			default:
			}
		}
	})
}

func BenchmarkRecvTimeoutZero(b *testing.B) {
	loop(b, "oneshot", func(b *testing.B) {
		_, rx := oneshot.New[int]()
		for b.Loop() {
			rx.RecvTimeout(0)
		}
	})
	loop(b, "chan+timer", func(b *testing.B) {
		c := make(chan int, 1)
		for b.Loop() {
			t := time.NewTimer(0)
			select {
			case <-c:
			case <-t.C:
			}
		}
	})
}

// BenchmarkRequestReply is a round trip to a server goroutine: a request over a
// channel, the reply on something made for it.
func BenchmarkRequestReply(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	oneshotReply := func(recv func(*oneshot.Receiver[int]) (int, error)) func(*testing.B) {
		return func(b *testing.B) {
			requests := server(b, func(tx *oneshot.Sender[int]) { tx.Send(1) })
			for b.Loop() {
				tx, rx := oneshot.New[int]()
				requests <- tx
				if _, err := recv(rx); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	chanReply := func(recv func(chan int)) func(*testing.B) {
		return func(b *testing.B) {
			requests := server(b, func(c chan int) { c <- 1 })
			for b.Loop() {
				c := make(chan int, 1)
				requests <- c
				recv(c)
			}
		}
	}
	loop(b, "plain/oneshot", oneshotReply((*oneshot.Receiver[int]).Recv))
	loop(b, "plain/chan", chanReply(func(c chan int) { <-c }))
	loop(b, "plain/waitgroup", func(b *testing.B) {
		type reply struct {
			wg sync.WaitGroup
			v  int
		}
		requests := server(b, func(r *reply) {
			r.v = 1
			r.wg.Done()
		})
		for b.Loop() {
			r := new(reply)
			r.wg.Add(1)
			requests <- r
			r.wg.Wait()
		}
	})
	loop(b, "timeout/oneshot", oneshotReply(func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvTimeout(time.Minute)
	}))
	loop(b, "timeout/chan+timer", chanReply(func(c chan int) {
		t := time.NewTimer(time.Minute)
		select {
		case <-c:
		case <-t.C:
		}
		t.Stop()
	}))
	loop(b, "context/oneshot", oneshotReply(func(rx *oneshot.Receiver[int]) (int, error) {
		return rx.RecvContext(ctx)
	}))
	loop(b, "context/chan+select", chanReply(func(c chan int) {
		select {
		case <-c:
		case <-ctx.Done():
		}
	}))
	loop(b, "await/oneshot", oneshotReply(func(rx *oneshot.Receiver[int]) (int, error) {
		return future.Await(ctx, rx)
	}))
}

// BenchmarkOutstanding has a thousand replies outstanding at once; the figure is
// for all of them.
func BenchmarkOutstanding(b *testing.B) {
	const n = 1000
	loop(b, "oneshot", func(b *testing.B) {
		requests := server(b, func(batch []*oneshot.Sender[int]) {
			for _, tx := range batch {
				tx.Send(1)
			}
		})
		txs := make([]*oneshot.Sender[int], n)
		rxs := make([]*oneshot.Receiver[int], n)
		for b.Loop() {
			for i := range n {
				txs[i], rxs[i] = oneshot.New[int]()
			}
			requests <- txs
			for _, rx := range rxs {
				rx.Recv()
			}
		}
	})
	loop(b, "chan", func(b *testing.B) {
		requests := server(b, func(batch []chan int) {
			for _, c := range batch {
				c <- 1
			}
		})
		cs := make([]chan int, n)
		for b.Loop() {
			for i := range n {
				cs[i] = make(chan int, 1)
			}
			requests <- cs
			for _, c := range cs {
				<-c
			}
		}
	})
}
