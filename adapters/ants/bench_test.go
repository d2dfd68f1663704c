package ants_test

import (
	"fmt"
	"testing"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/oneshot"
)

func work() (int, error) { return 1, nil }

type result struct {
	v   int
	err error
}

// The task of all benchmarks, and what a user of the pool writes by hand.
func byHand(p *ants.Pool) <-chan result {
	ch := make(chan result, 1)
	if err := p.Submit(func() {
		v, err := work()
		ch <- result{v, err}
	}); err != nil {
		ch <- result{err: err}
	}
	return ch
}

func eachPool(b *testing.B, f func(b *testing.B, p *ants.Pool)) {
	for _, size := range []int{2, 100, 10_000} {
		b.Run(fmt.Sprintf("workers=%d", size), func(b *testing.B) {
			p, err := ants.NewPool(size)
			if err != nil {
				b.Fatal(err)
			}
			defer p.Release()
			b.ReportAllocs()
			f(b, p)
		})
	}
}

func BenchmarkOne(b *testing.B) {
	b.Run("chan", func(b *testing.B) {
		eachPool(b, func(b *testing.B, p *ants.Pool) {
			for b.Loop() {
				<-byHand(p)
			}
		})
	})
	b.Run("await", func(b *testing.B) {
		eachPool(b, func(b *testing.B, p *ants.Pool) {
			for b.Loop() {
				if _, err := antsx.Submit(p, work).Recv(); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

func BenchmarkMany(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprintf("n=%d/chan", n), func(b *testing.B) {
			eachPool(b, func(b *testing.B, p *ants.Pool) {
				chans := make([]<-chan result, n)
				for b.Loop() {
					for i := range chans {
						chans[i] = byHand(p)
					}
					for _, ch := range chans {
						<-ch
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
			})
		})
		b.Run(fmt.Sprintf("n=%d/await", n), func(b *testing.B) {
			eachPool(b, func(b *testing.B, p *ants.Pool) {
				rxs := make([]*oneshot.Receiver[int], n)
				for b.Loop() {
					for i := range rxs {
						rxs[i] = antsx.Submit(p, work)
					}
					for _, rx := range rxs {
						if _, err := rx.Recv(); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/task")
			})
		})
	}
}

// The everyday pipelines, written by hand: a channel of channels, and workers
// that range over a channel and send to the slot of their item.
func BenchmarkMap(b *testing.B) {
	const n = 1_000_000
	ctx := b.Context()
	check := func(b *testing.B, got int) {
		if got != n {
			b.Fatal(got, "results")
		}
	}
	run := func(name string, f func(b *testing.B, p *ants.Pool, size int) int) {
		for _, size := range []int{2, 100} {
			b.Run(fmt.Sprintf("%s/workers=%d", name, size), func(b *testing.B) {
				p := newPool(b, size)
				b.ReportAllocs()
				for b.Loop() {
					check(b, f(b, p, size))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
			})
		}
	}
	run("chan-of-chan", func(b *testing.B, p *ants.Pool, size int) (got int) {
		order := make(chan chan int, size+64)
		go func() {
			defer close(order)
			for i := range n {
				ch := make(chan int, 1)
				order <- ch
				_ = p.Submit(func() { v, _ := square(ctx, i); ch <- v })
			}
		}()
		for ch := range order {
			<-ch
			got++
		}
		return got
	})
	run("workers-and-slots", func(b *testing.B, p *ants.Pool, size int) (got int) {
		slots := make([]chan int, size+64)
		for i := range slots {
			slots[i] = make(chan int, 1)
		}
		free := make(chan struct{}, len(slots))
		todo := make(chan int, 64)
		for range size {
			_ = p.Submit(func() {
				for i := range todo {
					v, _ := square(ctx, i)
					slots[i%len(slots)] <- v
				}
			})
		}
		go func() {
			defer close(todo)
			for i := range n {
				free <- struct{}{}
				todo <- i
			}
		}()
		for i := range n {
			<-slots[i%len(slots)]
			<-free
			got++
		}
		return got
	})
	run("workers-unordered", func(b *testing.B, p *ants.Pool, size int) (got int) {
		todo, done := make(chan int, 64), make(chan int, 64)
		for range size {
			_ = p.Submit(func() {
				for i := range todo {
					v, _ := square(ctx, i)
					done <- v
				}
			})
		}
		go func() {
			defer close(todo)
			for i := range n {
				todo <- i
			}
		}()
		for range n {
			<-done
			got++
		}
		return got
	})
	run("await", func(b *testing.B, p *ants.Pool, size int) (got int) {
		for range antsx.Map(ctx, p, count(n), square) {
			got++
		}
		return got
	})
	run("await-unordered", func(b *testing.B, p *ants.Pool, size int) (got int) {
		for range antsx.MapUnordered(ctx, p, count(n), square) {
			got++
		}
		return got
	})
}
