package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var executorKinds = []kind{
	{"executor: Go", goTasks},
	{"executor: Spawn", spawn},
	{"executor: Run", run},
	{"executor: Scope", scope},
	{"executor: Scope that fails", scopeFails},
	{"executor: Supervise", supervise},
	{"executor: Yield", yield},
	{"executor: Shutdown", shutdown},
	{"executor: Close", closeExecutor},
	{"executor: kit", kit},
	{"executor: tasks that panic", taskPanics},
	{"executor: tasks that exit", taskExits},
	{"executor: tasks that fail, not awaited", lost},
	{"executor: canceled tasks", canceledTasks},
	{"executor: tasks that block their worker", blocksWorker},
}

// value returns the function of a task that returns v.
func value(v uint64) func(context.Context) (uint64, error) {
	return func(context.Context) (uint64, error) { return v, nil }
}

// handles returns the handles of tasks that return values.
func handles(s executor.Spawner, b *batch, n int) []future.Future[uint64] {
	fs := make([]future.Future[uint64], n)
	for i := range fs {
		fs[i] = executor.Go(s, value(b.send()))
	}
	return fs
}

func goTasks(h *house, b *batch) error {
	return b.backs(await(future.All(handles(h.tasks, b, size)...)))
}

// spawn has futures wait for tasks that send.
func spawn(h *house, b *batch) error {
	fs := make([]future.Future[uint64], size)
	for i := range fs {
		tx, rx := oneshot.New[uint64]()
		fs[i] = executor.Spawn(h.tasks, rx)
		v := b.send()
		executor.Do(h.tasks, func(context.Context) error { return tx.Send(v) })
	}
	return b.backs(await(future.All(fs...)))
}

func run(_ *house, b *batch) error {
	vs, err := executor.Run(context.Background(), func(ctx context.Context) ([]uint64, error) {
		return future.Await(ctx, future.All(handles(executor.FromContext(ctx), b, size)...))
	})
	return b.backs(vs, err)
}

// inTask runs fn as a task and waits for it.
func inTask(h *house, fn func(ctx context.Context) error) error {
	_, err := await(executor.Do(h.tasks, fn))
	return err
}

func scope(h *house, b *batch) error {
	return inTask(h, func(ctx context.Context) error {
		return executor.Scope(ctx, func(g *executor.TaskGroup) error {
			return b.backs(future.Await(g.Context(), future.All(handles(g, b, size)...)))
		})
	})
}

// scopeFails has one task fail: the others are canceled.
func scopeFails(h *house, b *batch) error {
	return expect(inTask(h, func(ctx context.Context) error {
		return executor.Scope(ctx, func(g *executor.TaskGroup) error {
			for range size {
				v := b.send()
				executor.Do(g, func(ctx context.Context) error {
					defer b.back(v)
					_, err := future.Await(ctx, future.Never[int]())
					return err
				})
			}
			executor.Do(g, func(context.Context) error { return errPlanned })
			return nil
		})
	}), errPlanned)
}

// supervise has one task fail: the others go on.
func supervise(h *house, b *batch) error {
	return expect(inTask(h, func(ctx context.Context) error {
		return executor.Supervise(ctx, func(g *executor.TaskGroup) error {
			executor.Do(g, func(context.Context) error { return errPlanned })
			return b.backs(future.Await(g.Context(), future.All(handles(g, b, size)...)))
		})
	}), errPlanned)
}

func yield(h *house, b *batch) error {
	fs := make([]future.Future[uint64], size)
	for i := range fs {
		v := b.send()
		fs[i] = executor.Go(h.tasks, func(ctx context.Context) (uint64, error) {
			for range size {
				if err := executor.Yield(ctx); err != nil {
					return 0, err
				}
			}
			return v, nil
		})
	}
	return b.backs(await(future.All(fs...)))
}

// shutdown lets the tasks of a new executor end.
func shutdown(_ *house, b *batch) error {
	e := executor.New()
	all := future.All(handles(e, b, size)...)
	if err := e.Shutdown(context.Background()); err != nil {
		return err
	}
	return b.backs(await(all))
}

// closeExecutor closes a new executor whose tasks wait.
func closeExecutor(_ *house, b *batch) error {
	e := executor.New()
	for range size {
		v := b.send()
		executor.Spawn(e, future.Never[int](), executor.OnTaskEnd(func(error) { b.back(v) }))
		executor.Go(e, func(ctx context.Context) (int, error) { return future.Await(ctx, future.Never[int]()) })
	}
	return e.Close()
}

// kit is an executor of one goroutine.
func kit(_ *house, b *batch) error {
	// A Runnable is scheduled at its first, and after each wake: twice here.
	queue := make(chan *executor.Runnable, 4*size)
	schedule := func(r *executor.Runnable) { queue <- r }
	fs := make([]future.Future[uint64], 0, 2*size)
	for range size {
		tx, rx := oneshot.New[uint64]()
		r, h := executor.NewRunnable[uint64](rx, schedule)
		r.Schedule()
		v := b.send()
		sender, sent := executor.NewRunnableFunc(context.Background(), func(context.Context) (uint64, error) {
			return b.send(), tx.Send(v)
		}, schedule)
		sender.Schedule()
		fs = append(fs, h, sent)
	}
	for live := 2 * size; live > 0; {
		if (<-queue).Run() {
			live--
		}
	}
	return b.backs(await(future.All(fs...)))
}

func taskPanics(h *house, b *batch) error {
	v := b.send()
	_, err := await(executor.Go(h.tasks, func(context.Context) (int, error) { panic(v) }))
	p, ok := errors.AsType[*future.PanicError](err)
	if !ok || p.Value != v {
		return fmt.Errorf("got %w, want a panic with %d", orNone(err), v)
	}
	b.back(v)
	return nil
}

func taskExits(h *house, b *batch) error {
	v := b.send()
	_, err := await(executor.Go(h.tasks, func(context.Context) (int, error) {
		defer b.back(v)
		runtime.Goexit()
		return 0, nil
	}))
	return expect(err, future.ErrGoexit)
}

// lost fails in tasks whose handles are detached, or left to the collector. It does so
// some hundred times in a second: each may be logged.
func lost(h *house, b *batch) error {
	for i := range size {
		v := b.send()
		handle := executor.Go(h.tasks, func(context.Context) (int, error) {
			b.back(v)
			return 0, errPlanned
		})
		if i%2 == 0 {
			handle.Detach()
		}
	}
	time.Sleep(size * time.Millisecond)
	return nil
}

// canceledTasks cancels tasks: some have not begun, some wait, some end.
func canceledTasks(h *house, b *batch) error {
	hs := make([]*executor.Handle[int], size)
	for i := range hs {
		v := b.send()
		hs[i] = executor.Go(h.tasks, func(ctx context.Context) (int, error) {
			return future.Await(ctx, future.Never[int]())
		}, executor.OnTaskEnd(func(error) { b.back(v) }))
	}
	for _, handle := range hs {
		runtime.Gosched()
		handle.CancelCause(errPlanned)
	}
	for _, handle := range hs {
		if _, err := await(handle); !errors.Is(err, errPlanned) {
			return expect(err, errPlanned)
		}
	}
	return nil
}

// blocksWorker keeps workers for longer than the threshold, and others do the rest.
func blocksWorker(h *house, b *batch) error {
	fs := make([]future.Future[uint64], 4)
	for i := range fs {
		v := b.send()
		fs[i] = executor.Go(h.tasks, func(context.Context) (uint64, error) {
			time.Sleep(20 * time.Millisecond)
			return v, nil
		})
	}
	return b.backs(await(future.All(append(fs, handles(h.tasks, b, size)...)...)))
}
