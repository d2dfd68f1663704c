package future_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

var background = context.Background()

// BenchmarkAwaitReady compares the least that Await can do with a channel: a
// round trip between two goroutines, and one message within a goroutine.
func BenchmarkAwaitReady(b *testing.B) {
	b.Run("await", func(b *testing.B) {
		b.ReportAllocs()
		p := new(reusable)
		for b.Loop() {
			future.Await[int](background, p)
		}
	})
	b.Run("chan-round-trip", func(b *testing.B) {
		b.ReportAllocs()
		ping, pong := make(chan int), make(chan int)
		go func() {
			for n := range ping {
				pong <- n
			}
		}()
		for b.Loop() {
			ping <- 1
			<-pong
		}
		close(ping)
	})
	b.Run("chan-buffered", func(b *testing.B) {
		b.ReportAllocs()
		c := make(chan int, 1)
		for b.Loop() {
			c <- 1
			<-c
		}
	})
}

// A reusable is always ready.
type reusable struct{ n int }

func (r *reusable) Poll(*future.Waker) (int, bool, error) { return r.n, true, nil }

// A cell is the result of a goroutine in memory of its own, as a future must have.
type cell struct {
	fn    func() (int, error)
	wg    *sync.WaitGroup
	value int
	err   error
}

func (c *cell) run() {
	defer c.wg.Done()
	c.value, c.err = c.fn()
}

// BenchmarkAll waits for n results that n goroutines produce. The row cells is the
// floor for results that can be passed around one by one: an object for each,
// nothing to wait for one of them, and no copy of what is waited for.
func BenchmarkAll(b *testing.B) {
	for _, n := range []int{1, 10, 100, 10_000} {
		b.Run(fmt.Sprintf("future/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fs := make([]future.Future[int], n)
				for i := range fs {
					fs[i] = future.Go(func() (int, error) { return i, nil })
				}
				if vs, err := future.Await(background, future.All(fs...)); err != nil || vs[n-1] != n-1 {
					b.Fatal(vs, err)
				}
			}
		})
		b.Run(fmt.Sprintf("errgroup/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vs := make([]int, n)
				g, _ := errgroup.WithContext(background)
				for i := range vs {
					g.Go(func() error {
						vs[i] = i
						return nil
					})
				}
				if err := g.Wait(); err != nil || vs[n-1] != n-1 {
					b.Fatal(vs, err)
				}
			}
		})
		b.Run(fmt.Sprintf("waitgroup/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				vs := make([]int, n)
				var wg sync.WaitGroup
				for i := range vs {
					wg.Go(func() { vs[i] = i })
				}
				wg.Wait()
			}
		})
		b.Run(fmt.Sprintf("cells/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cells := make([]any, n)
				var wg sync.WaitGroup
				wg.Add(n)
				for i := range cells {
					c := &cell{fn: func() (int, error) { return i, nil }, wg: &wg}
					cells[i] = c
					go c.run()
				}
				wg.Wait()
				vs := make([]int, n)
				for i, c := range cells {
					vs[i] = c.(*cell).value
				}
			}
		})
		b.Run(fmt.Sprintf("chan/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			type result struct {
				index int
				value int
				err   error
			}
			for b.Loop() {
				vs := make([]int, n)
				results := make(chan result)
				for i := range vs {
					go func() { results <- result{i, i, nil} }()
				}
				for range vs {
					r := <-results
					vs[r.index] = r.value
				}
			}
		})
	}
}

// BenchmarkChain takes a result that is not there yet through ten stages.
func BenchmarkChain(b *testing.B) {
	const stages = 10
	inc := func(n int) (int, error) { return n + 1, nil }
	incLater := func(n int) future.Future[int] { return future.Ready(n + 1) }
	w := futuretest.NewCounter().Waker()
	chain := func(stage func(future.Future[int]) future.Future[int]) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ready := false
				f := future.Func(func(*future.Waker) (int, bool, error) { return 1, ready, nil })
				for range stages {
					f = stage(f)
				}
				f.Poll(w)
				ready = true
				if n, ok, err := f.Poll(w); n != 1+stages || !ok || err != nil {
					b.Fatal(n, ok, err)
				}
			}
		}
	}
	b.Run("map", chain(func(f future.Future[int]) future.Future[int] { return future.Map(f, inc) }))
	b.Run("then", chain(func(f future.Future[int]) future.Future[int] { return future.Then(f, incLater) }))
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			first := make(chan int, 1)
			c := first
			for range stages {
				next := make(chan int, 1)
				go func(c chan int) { next <- <-c + 1 }(c)
				c = next
			}
			first <- 1
			if n := <-c; n != 1+stages {
				b.Fatal(n)
			}
		}
	})
}

// BenchmarkRace is a race of two, one of which never ends.
func BenchmarkRace(b *testing.B) {
	b.Run("race", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := future.Go(func() (int, error) { return 1, nil })
			future.Await(background, future.Race(f, future.Never[int]()))
		}
	})
	b.Run("select2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := future.Go(func() (int, error) { return 1, nil })
			future.Await(background, future.Select2(f, future.Never[int]()))
		}
	})
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		never := make(chan int)
		for b.Loop() {
			c := make(chan int, 1)
			go func() { c <- 1 }()
			select {
			case <-c:
			case <-never:
			}
		}
	})
}

// BenchmarkTimeout is a result that comes long before the time is up, from
// another goroutine.
func BenchmarkTimeout(b *testing.B) {
	b.Run("future", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := future.Go(func() (int, error) { return 1, nil })
			if _, err := future.Await(background, future.Timeout(f, time.Hour)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("context", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ctx, cancel := context.WithTimeout(background, time.Hour)
			c := make(chan int, 1)
			go func() { c <- 1 }()
			select {
			case <-c:
			case <-ctx.Done():
				b.Fatal(ctx.Err())
			}
			cancel()
		}
	})
}

// BenchmarkShare gives one result to a hundred consumers that wait for it.
func BenchmarkShare(b *testing.B) {
	const consumers = 100
	w := futuretest.NewCounter().Waker()
	b.Run("poll", func(b *testing.B) {
		b.ReportAllocs()
		clones := make([]*future.Shared[int], consumers)
		for b.Loop() {
			p := futuretest.NewProbe[int]()
			s := future.Share[int](p)
			for i := range clones {
				clones[i] = s.Clone()
				clones[i].Poll(w)
			}
			p.Resolve(1)
			for _, c := range clones {
				if _, ready, _ := c.Poll(w); !ready {
					b.Fatal("not ready")
				}
			}
		}
	})
	b.Run("await", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := futuretest.NewProbe[int]()
			s := future.Share[int](p)
			var wg sync.WaitGroup
			for range consumers {
				c := s.Clone()
				wg.Go(func() { future.Await(background, c) })
			}
			p.Resolve(1)
			wg.Wait()
		}
	})
	b.Run("chan", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			done := make(chan struct{})
			value := 0
			var wg sync.WaitGroup
			for range consumers {
				wg.Go(func() {
					<-done
					_ = value
				})
			}
			value = 1
			close(done)
			wg.Wait()
		}
	})
}

// BenchmarkCompletion is the wake and the completion of one of n futures in a
// Set, which then gets another.
func BenchmarkCompletion(b *testing.B) {
	for _, n := range []int{10, 100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			w := futuretest.NewCounter().Waker()
			var set future.Set[int]
			probes := make([]*futuretest.Probe[int], n)
			for i := range probes {
				probes[i] = futuretest.NewProbe[int]()
				set.Add(probes[i])
			}
			set.Next().Poll(w)
			i := 0
			for b.Loop() {
				probes[i].Resolve(1)
				if _, ready, _ := set.Next().Poll(w); !ready {
					b.Fatal("not ready")
				}
				probes[i] = futuretest.NewProbe[int]()
				set.Add(probes[i])
				set.Next().Poll(w)
				if i++; i == n {
					i = 0
				}
			}
		})
	}
}

// BenchmarkFromChan receives one value from each of n channels: by a goroutine
// for each, as FromChan does, and by one goroutine for all with reflect.Select.
func BenchmarkFromChan(b *testing.B) {
	for _, n := range []int{10, 100, 1_000} {
		channels := make([]chan int, n)
		for i := range channels {
			channels[i] = make(chan int, 1)
		}
		b.Run(fmt.Sprintf("each/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			w := futuretest.NewCounter().Waker()
			fs := make([]future.Future[int], n)
			for b.Loop() {
				for i, c := range channels {
					fs[i] = future.FromChan(c)
				}
				all := future.All(fs...)
				all.Poll(w)
				for _, c := range channels {
					c <- 1
				}
				future.Await(background, all)
			}
		})
		b.Run(fmt.Sprintf("one/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cases := make([]reflect.SelectCase, n)
				for i, c := range channels {
					cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
				}
				go func() {
					for _, c := range channels {
						c <- 1
					}
				}()
				for len(cases) > 0 {
					i, _, _ := reflect.Select(cases)
					cases[i] = cases[len(cases)-1]
					cases = cases[:len(cases)-1]
				}
			}
		})
	}
}
