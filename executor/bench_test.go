package executor_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// Each group does a job with tasks, and the same with goroutines. A group that
// says workers=n gives the executor n workers and the runtime n processors, for
// the goroutines too. Look at ratios within a run.

// withWorkers runs body once with one worker and once with two.
func withWorkers(b *testing.B, body func(b *testing.B, workers int)) {
	for _, n := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers=%d", n), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
			body(b, n)
		})
	}
}

// benchTask runs fn as a task of a new executor, and reports what it allocates.
func benchTask(b *testing.B, workers int, fn func(ctx context.Context, e *executor.Executor)) {
	b.Helper()
	b.ReportAllocs()
	e := executor.New(executor.WithWorkers(workers))
	defer e.Close()
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		fn(ctx, e)
		return 0, nil
	})
	if _, err := future.Await(context.Background(), h); err != nil {
		b.Fatal(err)
	}
}

// A ball is a value that is handed over, with the way to hand it back.
type ball struct {
	n    int
	back *oneshot.Sender[ball]
}

// BenchmarkPingPong is the round trip of a value between two: each takes it,
// counts, and hands it back. Tasks have a new oneshot for every way, goroutines
// two channels for all, or a new channel for every way as well. The floors are the
// oneshots alone, awaited before they are sent, and the same by two bare
// coroutines: with nobody who schedules, and nobody who is woken.
func BenchmarkPingPong(b *testing.B) {
	for _, row := range []struct {
		name  string
		await func() (suspend, stop func())
	}{
		{"floor-poll", func() (suspend, stop func()) { return func() {}, func() {} }},
		{"floor-coroutine", bareCoroutine},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			var suspend [2]func()
			for i := range suspend {
				var stop func()
				suspend[i], stop = row.await()
				defer stop()
			}
			w := nobody()
			n := 0
			for b.Loop() {
				for i := range suspend {
					tx, rx := oneshot.New[ball]()
					_, _, _ = rx.Poll(w)
					_ = tx.Send(ball{n + 1, tx})
					suspend[i]()
					m, _, _ := rx.Poll(w)
					n = m.n
				}
			}
			if n < b.N {
				b.Errorf("counted %d round trips of %d", n, b.N)
			}
		})
	}
	withWorkers(b, func(b *testing.B, workers int) {
		b.Run("coroutine", func(b *testing.B) {
			benchTask(b, workers, func(ctx context.Context, e *executor.Executor) {
				tx, rx := oneshot.New[ball]()
				other := executor.Go(e, func(ctx context.Context) (int, error) {
					for {
						m, err := future.Await(ctx, rx)
						if err != nil {
							return m.n, nil
						}
						var tx *oneshot.Sender[ball]
						tx, rx = oneshot.New[ball]()
						_ = m.back.Send(ball{m.n + 1, tx})
					}
				})
				n := 0
				for b.Loop() {
					back, rx := oneshot.New[ball]()
					_ = tx.Send(ball{n, back})
					m, _ := future.Await(ctx, rx)
					n, tx = m.n, m.back
				}
				_ = tx.Close()
				_, _ = future.Await(ctx, other)
				if n < b.N {
					b.Errorf("counted %d round trips of %d", n, b.N)
				}
			})
		})
		b.Run("poll", func(b *testing.B) {
			benchTask(b, workers, func(ctx context.Context, e *executor.Executor) {
				tx, rx := oneshot.New[ball]()
				other := executor.Spawn(e, &returner{rx})
				s := &server{loop: b.Loop, tx: tx}
				n, _ := future.Await(ctx, executor.Spawn(e, s))
				_, _ = future.Await(ctx, other)
				if n < b.N {
					b.Errorf("counted %d round trips of %d", n, b.N)
				}
			})
		})
		b.Run("chan", func(b *testing.B) {
			b.ReportAllocs()
			there, back := make(chan int), make(chan int)
			go func() {
				for n := range there {
					back <- n + 1
				}
			}()
			n := 0
			for b.Loop() {
				there <- n
				n = <-back
			}
			close(there)
		})
		b.Run("chan-fresh", func(b *testing.B) {
			b.ReportAllocs()
			type ball struct {
				n    int
				back any
			}
			first := make(chan ball, 1)
			go func() {
				for c := first; ; {
					m := <-c
					if m.back == nil {
						return
					}
					c = make(chan ball, 1)
					m.back.(chan ball) <- ball{m.n + 1, c}
				}
			}()
			n, c := 0, first
			for b.Loop() {
				back := make(chan ball, 1)
				c <- ball{n, back}
				m := <-back
				n, c = m.n, m.back.(chan ball)
			}
			c <- ball{}
		})
	})
}

// bareCoroutine returns a coroutine that does nothing: resume returns when it has
// suspended again.
func bareCoroutine() (resume, stop func()) {
	next, stop := iter.Pull(func(yield func(struct{}) bool) {
		for yield(struct{}{}) {
		}
	})
	return func() { next() }, stop
}

// nobody returns a waker that wakes nobody.
func nobody() *future.Waker {
	w := new(future.Waker)
	w.Init(sleeper{})
	return w
}

type sleeper struct{}

func (sleeper) OnWake() {}

// A returner is a task without a stack that hands every ball back.
type returner struct{ rx *oneshot.Receiver[ball] }

func (r *returner) Poll(w *future.Waker) (int, bool, error) {
	for {
		m, ready, err := r.rx.Poll(w)
		if !ready || err != nil {
			return m.n, ready, nil
		}
		var tx *oneshot.Sender[ball]
		tx, r.rx = oneshot.New[ball]()
		_ = m.back.Send(ball{m.n + 1, tx})
	}
}

// A server is one that hands a ball over and waits for it, as long as loop says.
type server struct {
	loop func() bool
	n    int
	tx   *oneshot.Sender[ball]
	rx   *oneshot.Receiver[ball]
}

func (s *server) Poll(w *future.Waker) (int, bool, error) {
	for {
		if s.rx != nil {
			m, ready, err := s.rx.Poll(w)
			if !ready || err != nil {
				return s.n, ready, err
			}
			s.n, s.tx = m.n, m.back
		}
		if !s.loop() {
			_ = s.tx.Close()
			return s.n, true, nil
		}
		var back *oneshot.Sender[ball]
		back, s.rx = oneshot.New[ball]()
		_ = s.tx.Send(ball{s.n, back})
	}
}

// BenchmarkYield lets the others run, of which there are none.
func BenchmarkYield(b *testing.B) {
	b.Run("coroutine", func(b *testing.B) {
		benchTask(b, 1, func(ctx context.Context, e *executor.Executor) {
			for b.Loop() {
				_ = executor.Yield(ctx)
			}
		})
	})
	b.Run("poll", func(b *testing.B) {
		benchTask(b, 1, func(ctx context.Context, e *executor.Executor) {
			_, _ = future.Await(ctx, executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
				if !b.Loop() {
					return 0, true, nil
				}
				w.Wake()
				return 0, false, nil
			})))
		})
	})
	b.Run("gosched", func(b *testing.B) {
		for b.Loop() {
			runtime.Gosched()
		}
	})
}

// BenchmarkSpawnAwait starts a trivial task within a task and awaits it. The task
// that awaits has a stack, and is suspended and resumed, but for Spawn-in-Spawn. The
// floor is that too, with a bare coroutine and a oneshot: whoever resumes it polls
// what it has started.
func BenchmarkSpawnAwait(b *testing.B) {
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		w := nobody()
		var started future.Future[int]
		var tx *oneshot.Sender[int]
		next, stop := iter.Pull(func(yield func(struct{}) bool) {
			for b.Loop() {
				var rx *oneshot.Receiver[int]
				tx, rx = oneshot.New[int]()
				started = future.Ready(1)
				_, _, _ = rx.Poll(w)
				yield(struct{}{})
				if v, _, _ := rx.Poll(w); v != 1 {
					b.Error("no result")
				}
			}
		})
		defer stop()
		for _, ok := next(); ok; _, ok = next() {
			v, _, _ := started.Poll(nil)
			_ = tx.Send(v)
		}
	})
	withWorkers(b, func(b *testing.B, workers int) {
		b.Run("Go", func(b *testing.B) {
			benchTask(b, workers, func(ctx context.Context, e *executor.Executor) {
				for b.Loop() {
					h := executor.Go(e, func(context.Context) (int, error) { return 1, nil })
					if v, _ := future.Await(ctx, h); v != 1 {
						b.Error("no result")
					}
				}
			})
		})
		b.Run("Spawn", func(b *testing.B) {
			benchTask(b, workers, func(ctx context.Context, e *executor.Executor) {
				for b.Loop() {
					h := executor.Spawn(e, future.Ready(1))
					if v, _ := future.Await(ctx, h); v != 1 {
						b.Error("no result")
					}
				}
			})
		})
		b.Run("Spawn-in-Spawn", func(b *testing.B) {
			benchTask(b, workers, func(ctx context.Context, e *executor.Executor) {
				p := &parent{loop: b.Loop, exec: e}
				if _, err := future.Await(ctx, executor.Spawn(e, p)); err != nil {
					b.Error(err)
				}
			})
		})
		b.Run("goroutine-chan", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c := make(chan int, 1)
				go func() { c <- 1 }()
				if <-c != 1 {
					b.Error("no result")
				}
			}
		})
	})
}

// A parent is a task without a stack that starts another one and awaits it, as long
// as loop says.
type parent struct {
	loop  func() bool
	exec  *executor.Executor
	child *executor.Handle[int]
}

func (p *parent) Poll(w *future.Waker) (int, bool, error) {
	for {
		if p.child != nil {
			v, ready, err := p.child.Poll(w)
			if !ready || err != nil {
				return v, ready, err
			}
			if v != 1 {
				return v, true, errors.New("no result")
			}
		}
		if !p.loop() {
			return 0, true, nil
		}
		p.child = executor.Spawn(p.exec, future.Ready(1))
	}
}

// BenchmarkSpawn10000 starts ten thousand trivial tasks, which all live at once,
// and awaits them: all at once, as a WaitGroup does, or one after the other, which
// suspends and resumes the one that awaits for nearly each of them. See ns/task.
func BenchmarkSpawn10000(b *testing.B) {
	const n = 10_000
	perTask := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
	}
	withWorkers(b, func(b *testing.B, workers int) {
		all := func(ctx context.Context, hs []future.Future[int]) bool {
			vs, _ := future.Await(ctx, future.All(hs...))
			return len(vs) == n
		}
		each := func(ctx context.Context, hs []future.Future[int]) bool {
			sum := 0
			for _, h := range hs {
				v, _ := future.Await(ctx, h)
				sum += v
			}
			return sum == n
		}
		tasks := func(start func(e *executor.Executor) *executor.Handle[int], await func(context.Context, []future.Future[int]) bool) func(b *testing.B) {
			return func(b *testing.B) {
				benchTask(b, workers, func(ctx context.Context, e *executor.Executor) {
					hs := make([]future.Future[int], n)
					for b.Loop() {
						for i := range hs {
							hs[i] = start(e)
						}
						if !await(ctx, hs) {
							b.Error("no result")
						}
					}
				})
				perTask(b)
			}
		}
		spawn := func(e *executor.Executor) *executor.Handle[int] {
			return executor.Spawn(e, future.Ready(1))
		}
		start := func(e *executor.Executor) *executor.Handle[int] {
			return executor.Go(e, func(context.Context) (int, error) { return 1, nil })
		}
		b.Run("Spawn", tasks(spawn, all))
		b.Run("Spawn-one-by-one", tasks(spawn, each))
		b.Run("Go", tasks(start, all))
		b.Run("Go-one-by-one", tasks(start, each))
		b.Run("goroutine-waitgroup", func(b *testing.B) {
			b.ReportAllocs()
			vs := make([]int, n)
			for b.Loop() {
				var wg sync.WaitGroup
				for i := range vs {
					wg.Go(func() { vs[i] = 1 })
				}
				wg.Wait()
			}
			perTask(b)
		})
		b.Run("goroutine-chan", func(b *testing.B) {
			b.ReportAllocs()
			cs := make([]chan int, n)
			for b.Loop() {
				for i := range cs {
					c := make(chan int, 1)
					cs[i] = c
					go func() { c <- 1 }()
				}
				for _, c := range cs {
					<-c
				}
			}
			perTask(b)
		})
	})
}

// BenchmarkCompute does a fixed amount of work in eight parts: two workers should
// need half the time of one.
func BenchmarkCompute(b *testing.B) {
	const parts = 8
	compute := func() int {
		x := 1
		for range 400_000 {
			x = x*1664525 + 1013904223
		}
		return x
	}
	withWorkers(b, func(b *testing.B, workers int) {
		b.Run("Go", func(b *testing.B) {
			benchTask(b, workers, func(ctx context.Context, e *executor.Executor) {
				hs := make([]future.Future[int], parts)
				for b.Loop() {
					for i := range hs {
						hs[i] = executor.Go(e, func(context.Context) (int, error) { return compute(), nil })
					}
					if _, err := future.Await(ctx, future.All(hs...)); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run("goroutine", func(b *testing.B) {
			vs := make([]int, parts)
			for b.Loop() {
				var wg sync.WaitGroup
				for i := range vs {
					wg.Go(func() { vs[i] = compute() })
				}
				wg.Wait()
			}
		})
	})
}

// BenchmarkWakeLatency is the time from a send by a goroutine, which then blocks,
// to the receiver's going on, when all workers are idle: p50-ns and p99-ns. All rows
// have a timer pending, as most programs do and an executor with a stall watch does:
// the runtime's threads rest otherwise without one, and wake sooner.
func BenchmarkWakeLatency(b *testing.B) {
	defer time.AfterFunc(time.Hour, func() {}).Stop()
	// measure lets somebody wait, and takes the time from send to woken.
	measure := func(b *testing.B, wait func(woken func()) (send func())) {
		var ds []time.Duration
		took := make(chan time.Duration, 1)
		for b.Loop() {
			var sent time.Time
			send := wait(func() { took <- time.Since(sent) })
			time.Sleep(50 * time.Microsecond) // until it waits and nobody has work
			sent = time.Now()
			send()
			ds = append(ds, <-took)
		}
		slices.Sort(ds)
		b.ReportMetric(float64(ds[len(ds)/2]), "p50-ns")
		b.ReportMetric(float64(ds[len(ds)*99/100]), "p99-ns")
	}
	withWorkers(b, func(b *testing.B, workers int) {
		onOneshot := func(wait func(e *executor.Executor, rx *oneshot.Receiver[int], woken func())) func(b *testing.B) {
			return func(b *testing.B) {
				e := executor.New(executor.WithWorkers(workers))
				defer e.Close()
				measure(b, func(woken func()) func() {
					tx, rx := oneshot.New[int]()
					wait(e, rx, woken)
					return func() { _ = tx.Send(1) }
				})
			}
		}
		b.Run("Go", onOneshot(func(e *executor.Executor, rx *oneshot.Receiver[int], woken func()) {
			executor.Go(e, func(ctx context.Context) (int, error) {
				v, err := future.Await(ctx, rx)
				woken()
				return v, err
			})
		}))
		b.Run("Spawn", onOneshot(func(e *executor.Executor, rx *oneshot.Receiver[int], woken func()) {
			executor.Spawn(e, future.Map(rx, func(v int) (int, error) {
				woken()
				return v, nil
			}))
		}))
		b.Run("goroutine", onOneshot(func(_ *executor.Executor, rx *oneshot.Receiver[int], woken func()) {
			go func() {
				_, _ = rx.Recv()
				woken()
			}()
		}))
		b.Run("chan", func(b *testing.B) {
			measure(b, func(woken func()) func() {
				c := make(chan int, 1)
				go func() {
					<-c
					woken()
				}()
				return func() { c <- 1 }
			})
		})
	})
}

// BenchmarkPending has many wait, each for a message of its own: B/wait is what
// that holds of heap and stacks, without the list of them.
func BenchmarkPending(b *testing.B) {
	const n = 100_000
	measure := func(b *testing.B, start func(i int), end func(i int)) {
		for b.Loop() {
			before := liveBytes()
			for i := range n {
				start(i)
			}
			b.ReportMetric(float64(liveBytes()-before)/n, "B/wait")
			for i := range n {
				end(i)
			}
		}
	}
	tasks := func(start func(e *executor.Executor, rx *oneshot.Receiver[int]) *executor.Handle[int]) func(b *testing.B) {
		return func(b *testing.B) {
			e := executor.New(executor.WithWorkers(1))
			defer e.Close()
			txs, hs := make([]*oneshot.Sender[int], n), make([]*executor.Handle[int], n)
			measure(b, func(i int) {
				tx, rx := oneshot.New[int]()
				txs[i], hs[i] = tx, start(e, rx)
				if i == n-1 {
					// With one worker, what is spawned last is polled last.
					_, _ = future.Await(context.Background(), executor.Spawn(e, future.Ready(1)))
				}
			}, func(i int) {
				_ = txs[i].Send(i)
				if v, err := future.Await(context.Background(), hs[i]); v != i || err != nil {
					b.Error(v, err)
				}
				txs[i], hs[i] = nil, nil
			})
		}
	}
	// The runtime keeps the descriptors of goroutines that have ended. So that all
	// rows find as many of them, there are enough before the first.
	var wg sync.WaitGroup
	together := make(chan struct{})
	for range n {
		wg.Go(func() { <-together })
	}
	close(together)
	wg.Wait()
	b.Run("Spawn", tasks(func(e *executor.Executor, rx *oneshot.Receiver[int]) *executor.Handle[int] {
		return executor.Spawn(e, rx)
	}))
	b.Run("Go", tasks(func(e *executor.Executor, rx *oneshot.Receiver[int]) *executor.Handle[int] {
		return executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, rx) })
	}))
	b.Run("goroutine-chan", func(b *testing.B) {
		var begun, ended sync.WaitGroup
		cs := make([]chan int, n)
		measure(b, func(i int) {
			c := make(chan int, 1)
			cs[i] = c
			begun.Add(1)
			ended.Add(1)
			go func() {
				begun.Done()
				if v := <-c; v != i {
					b.Error(v)
				}
				ended.Done()
			}()
			if i == n-1 {
				begun.Wait()
			}
		}, func(i int) {
			cs[i] <- i
			cs[i] = nil
			if i == n-1 {
				ended.Wait()
			}
		})
	})
}

// liveBytes returns the size of the live heap and of all stacks.
func liveBytes() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
