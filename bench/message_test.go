package bench

import (
	"context"
	"sync"
	"testing"
	"time"

	gofuture "github.com/jizhuozhi/go-future"
	reugn "github.com/reugn/async"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// BenchmarkCreateFulfilTake makes the place for one result, puts one there and
// takes it, on one goroutine.
func BenchmarkCreateFulfilTake(b *testing.B) {
	contest{
		{"await", func(b *testing.B) {
			for b.Loop() {
				tx, rx := oneshot.New[int]()
				_ = tx.Send(1)
				v, _ := rx.Recv()
				same(b, v, 1)
			}
		}},
		{"chan", func(b *testing.B) {
			for b.Loop() {
				c := make(chan int, 1)
				c <- 1
				same(b, <-c, 1)
			}
		}},
		{"waitgroup", func(b *testing.B) {
			for b.Loop() {
				x := new(struct {
					sync.WaitGroup
					v int
				})
				x.Add(1)
				x.v = 1
				x.Done()
				x.Wait()
				same(b, x.v, 1)
			}
		}},
		{"go-future", func(b *testing.B) {
			for b.Loop() {
				p := gofuture.NewPromise[int]()
				p.Set(1, nil)
				v, _ := p.Future().Get()
				same(b, v, 1)
			}
		}},
		{"reugn", func(b *testing.B) {
			for b.Loop() {
				p := reugn.NewPromise[int]()
				p.Success(1)
				v, _ := p.Future().Get()
				same(b, v, 1)
			}
		}},
		{"floor:alloc-24B", func(b *testing.B) {
			for b.Loop() {
				sink = new([3]*int)
			}
		}},
		{"floor:alloc-24B-and-3-atomics", func(b *testing.B) {
			for b.Loop() {
				x := new(threeWords)
				x.a.CompareAndSwap(nil, mark)
				x.b.Swap(mark)
				x.b.CompareAndSwap(mark, nil)
				sink = x
			}
		}},
	}.run(b)
}

// BenchmarkRequestReply asks a goroutine over a channel and gets the answer by
// what is compared.
func BenchmarkRequestReply(b *testing.B) {
	contest{
		{"await", func(b *testing.B) {
			requests := server(b, func(tx *oneshot.Sender[int]) { _ = tx.Send(1) })
			for b.Loop() {
				tx, rx := oneshot.New[int]()
				requests <- tx
				v, _ := rx.Recv()
				same(b, v, 1)
			}
		}},
		{"chan", func(b *testing.B) {
			requests := server(b, func(c chan int) { c <- 1 })
			for b.Loop() {
				c := make(chan int, 1)
				requests <- c
				same(b, <-c, 1)
			}
		}},
		{"go-future", func(b *testing.B) {
			requests := server(b, func(p *gofuture.Promise[int]) { p.Set(1, nil) })
			for b.Loop() {
				p := gofuture.NewPromise[int]()
				requests <- p
				v, _ := p.Future().Get()
				same(b, v, 1)
			}
		}},
		{"reugn", func(b *testing.B) {
			requests := server(b, func(p reugn.Promise[int]) { p.Success(1) })
			for b.Loop() {
				p := reugn.NewPromise[int]()
				requests <- p
				v, _ := p.Future().Get()
				same(b, v, 1)
			}
		}},
		{"floor:request-and-park", floorAsk},
	}.run(b)
}

// BenchmarkTimeoutNotFiring waits at most a minute for what comes at once, from
// another goroutine.
func BenchmarkTimeoutNotFiring(b *testing.B) {
	contest{
		{"await", func(b *testing.B) { // the receiver's own limit
			requests := server(b, func(tx *oneshot.Sender[int]) { _ = tx.Send(1) })
			for b.Loop() {
				tx, rx := oneshot.New[int]()
				requests <- tx
				v, _ := rx.RecvTimeout(time.Minute)
				same(b, v, 1)
			}
		}},
		{"await-Timeout", func(b *testing.B) { // the combinator
			requests := server(b, func(tx *oneshot.Sender[int]) { _ = tx.Send(1) })
			for b.Loop() {
				tx, rx := oneshot.New[int]()
				requests <- tx
				v, _ := future.Await(context.Background(), future.Timeout(rx, time.Minute))
				same(b, v, 1)
			}
		}},
		{"chan", func(b *testing.B) {
			requests := server(b, func(c chan int) { c <- 1 })
			for b.Loop() {
				c := make(chan int, 1)
				requests <- c
				t := time.NewTimer(time.Minute)
				select {
				case v := <-c:
					same(b, v, 1)
				case <-t.C:
					b.Fatal("timeout")
				}
				t.Stop()
			}
		}},
		{"chan-context", func(b *testing.B) {
			requests := server(b, func(c chan int) { c <- 1 })
			for b.Loop() {
				c := make(chan int, 1)
				requests <- c
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				select {
				case v := <-c:
					same(b, v, 1)
				case <-ctx.Done():
					b.Fatal("timeout")
				}
				cancel()
			}
		}},
		{"go-future", func(b *testing.B) {
			requests := server(b, func(p *gofuture.Promise[int]) { p.Set(1, nil) })
			for b.Loop() {
				p := gofuture.NewPromise[int]()
				requests <- p
				v, _ := gofuture.Timeout(p.Future(), time.Minute).Get()
				same(b, v, 1)
			}
		}},
	}.run(b)
}
