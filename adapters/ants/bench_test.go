package ants_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
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
		b.Run(fmt.Sprintf("n=%d/slice", n), func(b *testing.B) {
			eachPool(b, func(b *testing.B, p *ants.Pool) {
				results := make([]result, n)
				for b.Loop() {
					var wg sync.WaitGroup
					wg.Add(n)
					for i := range results {
						if err := p.Submit(func() {
							defer wg.Done()
							results[i].v, results[i].err = work()
						}); err != nil {
							b.Fatal(err)
						}
					}
					wg.Wait()
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

// 100,000 trivial tasks, of an executor on the pool and of the pool itself. To
// compare is the throughput, Mtasks/s: go and spawn are to have at least 0.9 of
// what raw has. Raw gives what the tasks are for, a slice of values, and nothing
// else; results is raw with what a Handle gives besides: one result for each task
// that can be waited for by itself, and a panic as an error.
func BenchmarkExecutor(b *testing.B) {
	const n = 100_000
	each := func(name string, f func(b *testing.B, p *ants.Pool)) {
		b.Run(name, func(b *testing.B) {
			eachPool(b, func(b *testing.B, p *ants.Pool) {
				f(b, p)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
				b.ReportMetric(float64(b.N)*n/float64(b.Elapsed().Microseconds()), "Mtasks/s")
			})
		})
	}
	each("raw", func(b *testing.B, p *ants.Pool) {
		for b.Loop() {
			var wg sync.WaitGroup
			results := make([]int, n)
			wg.Add(n)
			for i := range n {
				_ = p.Submit(func() { results[i], _ = work(); wg.Done() })
			}
			wg.Wait()
		}
	})
	each("results", func(b *testing.B, p *ants.Pool) {
		results := make([]<-chan result, n)
		for b.Loop() {
			for i := range results {
				ch := make(chan result, 1)
				results[i] = ch
				_ = p.Submit(func() {
					var r result
					defer func() {
						if v := recover(); v != nil {
							r.err = fmt.Errorf("panic: %v", v)
						}
						ch <- r
					}()
					r.v, r.err = work()
				})
			}
			for _, ch := range results {
				if r := <-ch; r.err != nil {
					b.Fatal(r.err)
				}
			}
		}
	})
	each("go", func(b *testing.B, p *ants.Pool) {
		e := antsx.NewExecutor(p)
		defer e.Close()
		handles := make([]*executor.Handle[int], n)
		for b.Loop() {
			for i := range handles {
				handles[i] = executor.Go(e, func(context.Context) (int, error) { return work() })
			}
			for _, h := range handles {
				if _, err := future.Await(b.Context(), h); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	each("spawn", func(b *testing.B, p *ants.Pool) {
		e := antsx.NewExecutor(p)
		defer e.Close()
		handles := make([]*executor.Handle[int], n)
		for b.Loop() {
			for i := range handles {
				handles[i] = executor.Spawn(e, future.Ready(i))
			}
			for _, h := range handles {
				if _, err := future.Await(b.Context(), h); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// What a million results cost that wait for a worker, or for somebody to take
// them. By hand, a result that waits for a worker is a goroutine, since Submit
// blocks; ten thousand of these say enough.
func BenchmarkQueuedMemory(b *testing.B) {
	live := func() float64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return float64(s.HeapAlloc + s.StackInuse)
	}
	measure := func(name string, n int, taken bool, submit func(p *ants.Pool) any) {
		b.Run(name, func(b *testing.B) {
			var bytes float64
			for b.Loop() {
				p := newPool(b, 1)
				gate := occupy(p)
				if taken {
					close(gate)
				}
				results := make([]any, n)
				before := live()
				var wg sync.WaitGroup
				for i := range results {
					if taken || n > 10_000 {
						results[i] = submit(p)
						continue
					}
					wg.Go(func() { results[i] = submit(p) })
				}
				for !taken && n <= 10_000 && p.Waiting() < n {
					runtime.Gosched()
				}
				bytes = (live() - before) / float64(n)
				if !taken {
					close(gate)
				}
				wg.Wait()
				for _, r := range results {
					switch r := r.(type) {
					case *oneshot.Receiver[int]:
						_, _ = r.Recv()
					case <-chan result:
						<-r
					}
				}
				p.Release()
			}
			b.ReportMetric(bytes, "live-B/task")
		})
	}
	hand := func(p *ants.Pool) any { return byHand(p) }
	ours := func(p *ants.Pool) any { return antsx.Submit(p, work) }
	measure("waiting/chan", 10_000, false, hand)
	measure("waiting/await", 1_000_000, false, ours)
	measure("done/chan", 1_000_000, true, hand)
	measure("done/await", 1_000_000, true, ours)
}
