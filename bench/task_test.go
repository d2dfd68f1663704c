package bench

import (
	"context"
	"runtime"
	"testing"

	"github.com/b97tsk/async"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

type (
	sender   = *oneshot.Sender[int]
	receiver = *oneshot.Receiver[int]
)

func newPair() (sender, receiver) { return oneshot.New[int]() }

// BenchmarkTaskSwitch lets another task run and goes on, one worker.
func BenchmarkTaskSwitch(b *testing.B) {
	contest{
		{"await", func(b *testing.B) {
			_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
				for b.Loop() {
					_ = executor.Yield(ctx)
				}
				return 0, nil
			})
		}},
		{"await-poll", func(b *testing.B) {
			_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
				return future.Await(ctx, executor.Spawn(executor.FromContext(ctx), future.Func(func(w *future.Waker) (int, bool, error) {
					if b.Loop() {
						w.Wake()
						return 0, false, nil
					}
					return 0, true, nil
				})))
			})
		}},
		{"goroutine", func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			for b.Loop() {
				runtime.Gosched()
			}
		}},
		{"b97tsk", func(b *testing.B) {
			var e async.Executor
			e.Autorun(e.Run)
			e.Spawn(func(co *async.Coroutine) async.Result {
				if b.Loop() {
					co.Resume()
					return co.Yield()
				}
				return co.End()
			})
		}},
		{"floor:coroutine-switch-and-back", floorSwitch},
	}.run(b)
}

// BenchmarkPingPong hands a value to another task and gets one back, each on a
// fresh channel, one worker.
func BenchmarkPingPong(b *testing.B) {
	type ball struct{ reply *oneshot.Sender[ball] }
	contest{
		{"await", func(b *testing.B) {
			_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
				tx, rx := oneshot.New[ball]()
				other := executor.Go(executor.FromContext(ctx), func(ctx context.Context) (int, error) {
					for {
						m, err := future.Await(ctx, rx)
						if err != nil {
							return 0, nil
						}
						var tx *oneshot.Sender[ball]
						tx, rx = oneshot.New[ball]()
						_ = m.reply.Send(ball{tx})
					}
				})
				for b.Loop() {
					reply, rx := oneshot.New[ball]()
					_ = tx.Send(ball{reply})
					m, _ := future.Await(ctx, rx)
					tx = m.reply
				}
				_ = tx.Close()
				return future.Await(ctx, other)
			})
		}},
		{"await-poll", func(b *testing.B) {
			_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
				e := executor.FromContext(ctx)
				tx, rx := oneshot.New[ball]()
				other := executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
					for {
						m, ready, err := rx.Poll(w)
						if !ready || err != nil {
							return 0, ready, nil
						}
						var tx *oneshot.Sender[ball]
						tx, rx = oneshot.New[ball]()
						_ = m.reply.Send(ball{tx})
					}
				}))
				var back *oneshot.Receiver[ball]
				_, _ = future.Await(ctx, executor.Spawn(e, future.Func(func(w *future.Waker) (int, bool, error) {
					for {
						if back != nil {
							m, ready, _ := back.Poll(w)
							if !ready {
								return 0, false, nil
							}
							tx = m.reply
						}
						if !b.Loop() {
							_ = tx.Close()
							return 0, true, nil
						}
						var reply *oneshot.Sender[ball]
						reply, back = oneshot.New[ball]()
						_ = tx.Send(ball{reply})
					}
				})))
				return future.Await(ctx, other)
			})
		}},
		{"chan", func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			type ball struct{ reply chan any }
			c := make(chan any, 1)
			done := make(chan struct{})
			go func() {
				defer close(done)
				in := c
				for {
					m, ok := (<-in).(ball)
					if !ok {
						return
					}
					in = make(chan any, 1)
					m.reply <- ball{in}
				}
			}()
			for b.Loop() {
				back := make(chan any, 1)
				c <- ball{back}
				c = (<-back).(ball).reply
			}
			close(c)
			<-done
		}},
		{"chan-reused", func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			floorPark(b)
		}},
		{"floor:2-switches-and-2-oneshots", func(b *testing.B) {
			next, stop := twoSwitches()
			defer stop()
			for b.Loop() {
				for range 2 {
					tx, rx := oneshot.New[ball]()
					_ = tx.Send(ball{})
					_, _ = rx.TryRecv()
					next()
				}
			}
		}},
	}.run(b)
}

// BenchmarkSpawn10000 starts ten thousand trivial tasks and waits for them; the
// time is that of one.
func BenchmarkSpawn10000(b *testing.B) {
	const n = 10_000
	perTask := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
	}
	contest{
		{"await", func(b *testing.B) {
			e := executor.New()
			defer e.Close()
			inTask(b, e, func(ctx context.Context) {
				for b.Loop() {
					hs := make([]future.Future[int], n)
					for i := range hs {
						hs[i] = executor.Spawn(e, future.Ready(1))
					}
					vs, _ := future.Await(ctx, future.All(hs...))
					same(b, len(vs), n)
				}
			})
			perTask(b)
		}},
		{"await-Go", func(b *testing.B) {
			e := executor.New()
			defer e.Close()
			inTask(b, e, func(ctx context.Context) {
				for b.Loop() {
					hs := make([]future.Future[int], n)
					for i := range hs {
						hs[i] = executor.Go(e, func(context.Context) (int, error) { return 1, nil })
					}
					vs, _ := future.Await(ctx, future.All(hs...))
					same(b, len(vs), n)
				}
			})
			perTask(b)
		}},
		{"goroutine-chan", func(b *testing.B) {
			for b.Loop() {
				c := make(chan int, n)
				for range n {
					go func() { c <- 1 }()
				}
				for range n {
					same(b, <-c, 1)
				}
			}
			perTask(b)
		}},
		{"b97tsk", func(b *testing.B) {
			var e async.Executor
			for b.Loop() {
				sum := 0
				for range n {
					e.Spawn(async.Do(func() { sum++ }))
				}
				e.Run()
				same(b, sum, n)
			}
			perTask(b)
		}},
		{"floor:by-hand", func(b *testing.B) { floorTasks(b, n); perTask(b) }},
	}.run(b)
}
