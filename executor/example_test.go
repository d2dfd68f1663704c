package executor_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

func Example() {
	e := executor.New()
	defer e.Close()

	// Straight-line code: it is suspended where it awaits.
	sum := executor.Go(e, func(ctx context.Context) (int, error) {
		a := executor.Go(e, func(ctx context.Context) (int, error) { return 20, nil })
		b := executor.Go(e, func(ctx context.Context) (int, error) { return 22, nil })
		vs, err := future.Await(ctx, future.All[int](a, b))
		if err != nil {
			return 0, err
		}
		return vs[0] + vs[1], nil
	})

	// Await works here, too: it blocks the goroutine.
	fmt.Println(future.Await(context.Background(), sum))
	// Output: 42 <nil>
}

func ExampleNew() {
	e := executor.New(executor.WithWorkers(2), executor.WithName("thumbnails"))
	defer e.Close()
	h := executor.Go(e, func(ctx context.Context) (string, error) { return "drawn", nil })
	fmt.Println(future.Await(context.Background(), h))
	// Output: drawn <nil>
}

func ExampleGo() {
	e := executor.New()
	defer e.Close()
	tx, rx := oneshot.New[string]()
	h := executor.Go(e, func(ctx context.Context) (string, error) {
		name, err := future.Await(ctx, rx) // holds no worker
		return "hello, " + name, err
	})
	_ = tx.Send("gopher")
	fmt.Println(future.Await(context.Background(), h))
	// Output: hello, gopher <nil>
}

func ExampleSpawn() {
	e := executor.New()
	defer e.Close()
	tx, rx := oneshot.New[int]()
	// A task without a stack: it is as large as its futures.
	h := executor.Spawn(e, future.Map(rx, func(n int) (int, error) { return 2 * n, nil }))
	_ = tx.Send(21)
	fmt.Println(future.Await(context.Background(), h))
	// Output: 42 <nil>
}

func ExampleRun() {
	// All that runs here runs on this goroutine, one at a time: no locks.
	n, err := executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		count := 0
		var hs []future.Future[int]
		for range 100 {
			hs = append(hs, executor.Go(executor.FromContext(ctx), func(ctx context.Context) (int, error) {
				count++
				return 0, nil
			}))
		}
		_, err := future.Await(ctx, future.All(hs...))
		return count, err
	})
	fmt.Println(n, err)
	// Output: 100 <nil>
}

func ExampleYield() {
	_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		executor.Go(executor.FromContext(ctx), func(context.Context) (int, error) {
			fmt.Println("another task")
			return 0, nil
		})
		fmt.Println("before")
		_ = executor.Yield(ctx) // a loop that computes for long does so now and then
		fmt.Println("after")
		return 0, nil
	})
	// Output:
	// before
	// another task
	// after
}

func ExampleHandle_CancelCause() {
	e := executor.New()
	defer e.Close()
	begun := make(chan bool)
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		defer fmt.Println("cleaned up")
		close(begun)
		return future.Await(ctx, future.Never[int]())
	})
	<-begun
	h.CancelCause(errors.New("not needed any more"))
	_, err := future.Await(context.Background(), h)
	fmt.Println(err)
	// Output:
	// cleaned up
	// not needed any more
}

func ExampleHandle_Cancel() {
	e := executor.New()
	defer e.Close()
	h := executor.Spawn(e, future.Never[int]())
	h.Cancel() // gives the result up as well
	_, _, err := h.Poll(nil)
	fmt.Println(errors.Is(err, future.ErrCanceled))
	// Output: true
}

func ExampleHandle_Done() {
	e := executor.New()
	h := executor.Spawn(e, future.Never[int]())
	fmt.Println(h.Done())
	_ = e.Close()
	fmt.Println(h.Done())
	// Output:
	// false
	// true
}

func ExampleExecutor_Shutdown() {
	e := executor.New()
	quick := executor.Spawn(e, future.Ready("done"))
	slow := executor.Spawn(e, future.Never[string](), executor.TaskName("slow"))
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	fmt.Println(e.Shutdown(ctx))
	fmt.Println(future.Await(context.Background(), quick))
	_, err := future.Await(context.Background(), slow)
	fmt.Println(err)
	// Output:
	// executor "executor": 1 task canceled at shutdown: context deadline exceeded; task 2 "slow" awaits *future.never[string]
	// done <nil>
	// context deadline exceeded
}

// A task that does not heed its cancellation is named, and Close does not wait for it.
func ExampleExecutor_CloseContext() {
	e := executor.New(executor.WithName("mailer"), executor.WithStallThreshold(time.Minute))
	began, answer := make(chan bool), make(chan bool)
	executor.Go(e, func(context.Context) (int, error) {
		close(began)
		<-answer // it cannot see its context
		return 0, nil
	}, executor.TaskName("slow"))
	<-began
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	err := e.CloseContext(ctx)
	what, _, _ := strings.Cut(err.Error(), " at ")
	fmt.Println(what)
	close(answer)
	fmt.Println(e.Close())
	// Output:
	// executor "mailer": 1 task left after Close: context deadline exceeded; task 1 "slow"
	// <nil>
}

func ExampleExecutor_Close() {
	e := executor.New()
	h := executor.Spawn(e, future.Never[int]())
	_ = e.Close()
	_, err := future.Await(context.Background(), h)
	fmt.Println(err)
	// Output: executor: closed
}

// A pool is somebody else's workers, here one goroutine.
type pool chan func()

func (p pool) Submit(task func()) error {
	select {
	case p <- task:
		return nil
	default:
		return errors.New("pool: full")
	}
}

func ExampleWithRunner() {
	p := make(pool, 10)
	go func() {
		for task := range p {
			task()
		}
	}()
	defer close(p)
	e := executor.New(executor.WithRunner(p), executor.WithWorkers(1))
	defer e.Close()
	h := executor.Go(e, func(ctx context.Context) (string, error) { return "on the pool's goroutine", executor.Yield(ctx) })
	fmt.Println(future.Await(context.Background(), h))
	// Output: on the pool's goroutine <nil>
}

func ExampleNewRunnable() {
	// The executor: a queue. A task puts itself there whenever it can go on.
	var queue []*executor.Runnable
	schedule := func(r *executor.Runnable) { queue = append(queue, r) }

	tx, rx := oneshot.New[string]()
	r, h := executor.NewRunnable[string](rx, schedule)
	r.Schedule()
	for range 2 {
		for len(queue) > 0 {
			next := queue[0]
			queue = queue[1:]
			fmt.Println("ended:", next.Run())
		}
		_ = tx.Send("news")
	}
	v, _, err := h.Poll(nil)
	fmt.Println(v, err)
	// Output:
	// ended: false
	// ended: true
	// news <nil>
}

func ExampleNewRunnableFunc() {
	var queue []*executor.Runnable
	schedule := func(r *executor.Runnable) { queue = append(queue, r) }
	for i := range 2 {
		r, _ := executor.NewRunnableFunc(context.Background(), func(ctx context.Context) (int, error) {
			for step := range 2 {
				fmt.Printf("task %d, step %d\n", i, step)
				_ = executor.Yield(ctx)
			}
			return 0, nil
		}, schedule)
		r.Schedule()
	}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		next.Run()
	}
	// Output:
	// task 0, step 0
	// task 1, step 0
	// task 0, step 1
	// task 1, step 1
}

func ExampleFromContext() {
	fetch := func(ctx context.Context) future.Future[string] {
		// A function that starts tasks of its own where it was called.
		return executor.Go(executor.FromContext(ctx), func(ctx context.Context) (string, error) { return "fetched", nil })
	}
	fmt.Println(executor.Run(context.Background(), func(ctx context.Context) (string, error) {
		return future.Await(ctx, fetch(ctx))
	}))
	// Output: fetched <nil>
}

func ExampleTaskName() {
	e := executor.New()
	defer e.Close()
	executor.Spawn(e, future.Never[int](), executor.TaskName("wait for the end of time"))
	for task := range e.Tasks() {
		fmt.Println(task.Name)
	}
	// Output: wait for the end of time
}

func ExampleTaskContext() {
	e := executor.New()
	defer e.Close()
	ctx, cancel := context.WithCancelCause(context.Background())
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		return future.Await(ctx, future.Never[int]())
	}, executor.TaskContext(ctx))
	cancel(errors.New("the request is over"))
	_, err := future.Await(context.Background(), h)
	fmt.Println(err)
	// Output: the request is over
}

func ExampleOnTaskEnd() {
	e := executor.New()
	ended := make(chan error, 1)
	executor.Go(e, func(context.Context) (int, error) { panic("boo") }, executor.OnTaskEnd(func(err error) { ended <- err }))
	var p *future.PanicError
	fmt.Println(errors.As(<-ended, &p), p.Value)
	_ = e.Close()
	// Output: true boo
}

func ExampleWithLogger() {
	e := executor.New(executor.WithLogger(textLog()))
	executor.Go(e, func(context.Context) (int, error) {
		return 0, errors.New("out of paper")
	}, executor.TaskName("print")).Detach() // its result is not awaited
	_ = e.Shutdown(context.Background())
	// Output: level=ERROR msg="task failed, and its result is not awaited" task=print error="out of paper"
}

func ExampleScope() {
	e := executor.New()
	defer e.Close()
	h := executor.Go(e, func(ctx context.Context) (int, error) {
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			begun, other := oneshot.New[bool]()
			executor.GoIn(g, func(ctx context.Context) (int, error) {
				_, _ = future.Await(ctx, other)
				return 0, errors.New("no route")
			})
			executor.GoIn(g, func(ctx context.Context) (int, error) {
				_ = begun.Send(true)
				defer fmt.Println("the other one ends, too")
				return future.Await(ctx, future.Never[int]())
			})
			return nil
		})
		return 0, err // nothing of the scope is left
	})
	_, err := future.Await(context.Background(), h)
	fmt.Println(err)
	// Output:
	// the other one ends, too
	// no route
}

func ExampleGoIn() {
	_, _ = executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		sum := 0
		err := executor.Scope(ctx, func(g *executor.TaskGroup) error {
			for n := range 10 {
				executor.GoIn(g, func(context.Context) (int, error) {
					sum += n // tasks of Run share without locks
					return 0, nil
				})
			}
			return nil
		})
		fmt.Println(sum, err) // all have ended
		return 0, nil
	})
	// Output: 45 <nil>
}

func ExampleSpawnIn() {
	_, err := executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		return 0, executor.Scope(ctx, func(g *executor.TaskGroup) error {
			slow := executor.SpawnIn(g, future.Never[int]())
			executor.SpawnIn(g, future.Failed[int](errors.New("no such host")))
			_, err := future.Await(g.Context(), slow)
			fmt.Println("slow:", err) // the failure has cancelled it
			return err
		})
	})
	fmt.Println("scope:", err)
	// Output:
	// slow: no such host
	// scope: no such host
}

func ExampleTaskGroup_Context() {
	_, err := executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		return 0, executor.Scope(ctx, func(outer *executor.TaskGroup) error {
			executor.GoIn(outer, func(context.Context) (int, error) { return 0, errors.New("disk full") })
			// A scope within: what fails outside cancels it as well.
			return executor.Scope(outer.Context(), func(inner *executor.TaskGroup) error {
				executor.GoIn(inner, func(ctx context.Context) (int, error) {
					_, err := future.Await(ctx, future.Never[int]())
					fmt.Println("in the inner scope:", err)
					return 0, err
				})
				return nil
			})
		})
	})
	fmt.Println(err)
	// Output:
	// in the inner scope: disk full
	// disk full
}

func ExampleWithWorkers() {
	// Without a stall watch there is never a spare worker.
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(0))
	defer e.Close()
	running, most := 0, 0
	var hs []future.Future[int]
	for range 10 {
		hs = append(hs, executor.Go(e, func(context.Context) (int, error) {
			running++ // one at a time: there is one worker
			most = max(most, running)
			running--
			return 0, nil
		}))
	}
	_, err := future.Await(context.Background(), future.All(hs...))
	fmt.Println(most, err)
	// Output: 1 <nil>
}

func ExampleWithName() {
	e := executor.New(executor.WithName("thumbnails"), executor.WithWorkers(4))
	defer e.Close()
	_ = e.Dump(os.Stdout)
	// Output: executor thumbnails: live 0, queued 0, workers 4, spawned 0, polls 0, steals 0, parks 0, stalls 0, failed 0, panicked 0, canceled 0
}

func ExampleWithPanics() {
	e := executor.New(executor.WithPanics(executor.PanicsRethrown))
	defer e.Close()
	h := executor.Go(e, func(context.Context) (int, error) { panic("out of range") })
	defer func() {
		p := recover().(*future.PanicError) // with the stack of the task
		fmt.Println("recovered:", p.Value)
	}()
	_, _ = future.Await(context.Background(), h)
	// Output: recovered: out of range
}

func ExampleTaskPanics() {
	e := executor.New()
	defer e.Close()
	h := executor.Go(e, func(context.Context) (int, error) {
		panic("out of range")
	}, executor.TaskPanics(executor.PanicsReturned))
	_, err := future.Await(context.Background(), h)
	var p *future.PanicError
	fmt.Println(errors.As(err, &p), p.Value)
	// Output: true out of range
}

func ExampleWithStallThreshold() {
	e := executor.New(executor.WithWorkers(1), executor.WithStallThreshold(time.Millisecond),
		executor.WithLogger(slog.New(slog.DiscardHandler)))
	free := make(chan bool)
	stuck := executor.Go(e, func(context.Context) (string, error) {
		<-free // blocks the only worker: it should be an Await
		return "free again", nil
	})
	// It runs all the same: a spare worker takes over.
	executor.Go(e, func(context.Context) (int, error) { close(free); return 0, nil })
	v, err := future.Await(context.Background(), stuck)
	_ = e.Close()
	fmt.Println(v, err, e.Stats().Stalls > 0)
	// Output: free again <nil> true
}

func ExampleWithMaxSpares() {
	// Without spare workers there are never more tasks at work than workers.
	e := executor.New(executor.WithWorkers(1), executor.WithMaxSpares(0), executor.WithLogger(slog.New(slog.DiscardHandler)))
	begun := false
	var next *executor.Handle[int]
	stuck := executor.Go(e, func(context.Context) (bool, error) {
		next = executor.Go(e, func(context.Context) (int, error) { begun = true; return 0, nil })
		time.Sleep(50 * time.Millisecond) // should be an Await of future.After
		return begun, nil
	})
	duringSleep, err := future.Await(context.Background(), stuck)
	_, err2 := future.Await(context.Background(), next)
	_ = e.Close()
	fmt.Println(duringSleep, begun, err, err2)
	// Output: false true <nil> <nil>
}

func ExampleHandle_Detach() {
	e := executor.New(executor.WithLogger(textLog()))
	executor.Go(e, func(context.Context) (int, error) {
		return 0, errors.New("cache is cold")
	}, executor.TaskName("warm up")).Detach() // fire and forget, but do not fail in silence
	_ = e.Shutdown(context.Background())
	// Output: level=ERROR msg="task failed, and its result is not awaited" task="warm up" error="cache is cold"
}

func ExampleHandle_Poll() {
	e := executor.New()
	tx, rx := oneshot.New[int]()
	h := executor.Spawn(e, rx)
	_, ready, _ := h.Poll(nil) // with nil it is a look
	fmt.Println(ready)
	_ = tx.Send(7)
	_ = e.Shutdown(context.Background())
	fmt.Println(h.Poll(nil))
	// Output:
	// false
	// 7 true <nil>
}

func ExampleRunnable_Schedule() {
	queue := make(chan *executor.Runnable, 10)
	r, h := executor.NewRunnable(future.Ready(1), func(r *executor.Runnable) { queue <- r })
	r.Schedule() // it is in the queue, and has not run
	fmt.Println(len(queue), h.Done())
	(<-queue).Run()
	fmt.Println(len(queue), h.Done())
	// Output:
	// 1 false
	// 0 true
}

func ExampleRunnable_CancelCause() {
	r, h := executor.NewRunnable(future.Never[int](), func(*executor.Runnable) {})
	r.CancelCause(errors.New("the event loop has stopped"))
	_, ready, err := h.Poll(nil)
	fmt.Println(ready, err)
	// Output: true the event loop has stopped
}

func ExampleRunnable_Run() {
	var queue []*executor.Runnable
	r, _ := executor.NewRunnableFunc(context.Background(), func(ctx context.Context) (int, error) {
		return 0, executor.Yield(ctx)
	}, func(r *executor.Runnable) { queue = append(queue, r) })
	fmt.Println("ended:", r.Run(), "- in the queue:", len(queue)) // it yields: schedule was called meanwhile
	fmt.Println("ended:", queue[0].Run())
	// Output:
	// ended: false - in the queue: 1
	// ended: true
}

func ExampleRunnable_Name() {
	r, _ := executor.NewRunnable(future.Ready(1), func(*executor.Runnable) {}, executor.TaskName("index"))
	fmt.Println(r.Name())
	// Output: index
}

func ExamplePanicPolicy() {
	careless := executor.New(executor.WithPanics(executor.PanicsReturned))
	defer careless.Close()
	strict := executor.TaskPanics(executor.PanicsCrash) // if it panicked, this would be the end
	h := executor.Go(careless, func(context.Context) (string, error) { return "all is well", nil }, strict)
	fmt.Println(future.Await(context.Background(), h))
	fmt.Println(executor.PanicsDefault == executor.PanicPolicy(0))
	// Output:
	// all is well <nil>
	// true
}

func ExampleTaskState() {
	_, err := executor.Run(context.Background(), func(ctx context.Context) (int, error) {
		e := executor.FromContext(ctx)
		tx, rx := oneshot.New[int]()
		executor.Go(e, func(ctx context.Context) (int, error) {
			_ = tx.Send(1)
			return future.Await(ctx, future.Never[int]())
		}, executor.TaskName("never comes"))
		_, err := future.Await(ctx, rx)
		executor.Spawn(e, future.Ready(1), executor.TaskName("comes next"))
		for t := range e.Tasks() {
			switch t.State {
			case executor.StateWaiting:
				fmt.Println(t.Name, "waits for a wake")
			case executor.StateQueued:
				fmt.Println(t.Name, "waits for a worker")
			case executor.StateRunning:
				fmt.Println("and this one runs")
			}
		}
		return 0, err
	})
	fmt.Println(err)
	// Unordered output:
	// never comes waits for a wake
	// comes next waits for a worker
	// and this one runs
	// <nil>
}

// Every error that this package makes, and what brings it about.
func Example_errors() {
	show := func(err, is error) { fmt.Println(errors.Is(err, is), err) }
	show(executor.Scope(context.Background(), func(*executor.TaskGroup) error { return nil }), executor.ErrNoExecutor)

	e := executor.New()
	h := executor.Go(e, func(context.Context) (int, error) { return 0, e.Close() })
	_, err := future.Await(context.Background(), h)
	show(err, executor.ErrOwnTask)

	_ = e.Close()
	_, err = future.Await(context.Background(), executor.Spawn(e, future.Ready(1)))
	show(err, executor.ErrRefused)
	show(err, executor.ErrClosed)
	// Output:
	// true executor: not in a task
	// true executor: cannot wait for the task that waits
	// true executor: task refused: the executor is closed
	// true executor: task refused: the executor is closed
}
