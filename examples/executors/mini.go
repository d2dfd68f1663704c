package main

import (
	"context"

	"github.com/go-await/await/executor"
)

// A mini is a complete executor: a few goroutines and a channel of ready tasks.
type mini chan *executor.Runnable

// newMini starts the workers. They end when the channel is closed, which is for
// when the tasks have ended.
func newMini(workers int) mini {
	ready := make(mini, 1024)
	for range workers {
		go func() {
			for r := range ready {
				r.Run()
			}
		}()
	}
	return ready
}

// schedule is called by wakers, which must not block: what does not fit waits.
func (m mini) schedule(r *executor.Runnable) {
	select {
	case m <- r:
	default:
		go func() { m <- r }()
	}
}

// spawn runs fn as a task of m.
func spawn[T any](m mini, fn func(ctx context.Context) (T, error)) *executor.Handle[T] {
	r, h := executor.NewRunnableFunc(context.Background(), fn, m.schedule)
	r.Schedule()
	return h
}
