package main

import (
	"context"

	"github.com/go-await/await/executor"
)

// A mini is a complete executor: a few goroutines and a channel of ready tasks.
type mini struct {
	ready chan *executor.Runnable
	live  *live
}

// newMini starts the workers.
func newMini(workers int) *mini {
	m := &mini{make(chan *executor.Runnable, 1024), newLive()}
	for range workers {
		go func() {
			for r := range m.ready {
				m.live.run(r)
			}
		}()
	}
	return m
}

// schedule is called by wakers, which must not block: what does not fit waits.
func (m *mini) schedule(r *executor.Runnable) {
	if !m.live.add(r) {
		return
	}
	select {
	case m.ready <- r:
	default:
		go func() { m.ready <- r }()
	}
}

// stop cancels the tasks, waits until they have ended, and ends the workers.
func (m *mini) stop() { m.live.stop(); close(m.ready) }

// spawn runs fn as a task of m.
func spawn[T any](m *mini, fn func(ctx context.Context) (T, error)) *executor.Handle[T] {
	r, h := executor.NewRunnableFunc(context.Background(), fn, m.schedule)
	r.Schedule()
	return h
}
