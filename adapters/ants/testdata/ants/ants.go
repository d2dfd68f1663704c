// Package ants is github.com/panjf2000/ants/v2 as its own tests see it, with the
// functions of a Pool and a MultiPool run through this project: by Submit, or as
// tasks of an executor on the pool if the environment says so.
package ants

import (
	"context"
	"log/slog"
	"os"

	upstream "github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

type (
	Option                = upstream.Option
	Options               = upstream.Options
	LoadBalancingStrategy = upstream.LoadBalancingStrategy

	PoolWithFunc                    = upstream.PoolWithFunc
	PoolWithFuncGeneric[T any]      = upstream.PoolWithFuncGeneric[T]
	MultiPoolWithFunc               = upstream.MultiPoolWithFunc
	MultiPoolWithFuncGeneric[T any] = upstream.MultiPoolWithFuncGeneric[T]
)

const (
	DefaultAntsPoolSize      = upstream.DefaultAntsPoolSize
	DefaultCleanIntervalTime = upstream.DefaultCleanIntervalTime
	LeastTasks               = upstream.LeastTasks
	RoundRobin               = upstream.RoundRobin
)

var (
	ErrInvalidLoadBalancingStrategy = upstream.ErrInvalidLoadBalancingStrategy
	ErrInvalidMultiPoolSize         = upstream.ErrInvalidMultiPoolSize
	ErrInvalidPoolExpiry            = upstream.ErrInvalidPoolExpiry
	ErrInvalidPoolIndex             = upstream.ErrInvalidPoolIndex
	ErrInvalidPreAllocSize          = upstream.ErrInvalidPreAllocSize
	ErrLackPoolFunc                 = upstream.ErrLackPoolFunc
	ErrPoolClosed                   = upstream.ErrPoolClosed
	ErrPoolOverload                 = upstream.ErrPoolOverload

	Cap                  = upstream.Cap
	Free                 = upstream.Free
	NewMultiPoolWithFunc = upstream.NewMultiPoolWithFunc
	NewPoolWithFunc      = upstream.NewPoolWithFunc
	Reboot               = upstream.Reboot
	Release              = upstream.Release
	ReleaseContext       = upstream.ReleaseContext
	ReleaseTimeout       = upstream.ReleaseTimeout
	Running              = upstream.Running
	Submit               = upstream.Submit
	WithDisablePurge     = upstream.WithDisablePurge
	WithExpiryDuration   = upstream.WithExpiryDuration
	WithLogger           = upstream.WithLogger
	WithMaxBlockingTasks = upstream.WithMaxBlockingTasks
	WithNonblocking      = upstream.WithNonblocking
	WithOptions          = upstream.WithOptions
	WithPanicHandler     = upstream.WithPanicHandler
	WithPreAlloc         = upstream.WithPreAlloc
)

func NewPoolWithFuncGeneric[T any](size int, f func(T), opts ...Option) (*PoolWithFuncGeneric[T], error) {
	return upstream.NewPoolWithFuncGeneric(size, f, opts...)
}

func NewMultiPoolWithFuncGeneric[T any](n, size int, f func(T), lbs LoadBalancingStrategy, opts ...Option) (*MultiPoolWithFuncGeneric[T], error) {
	return upstream.NewMultiPoolWithFuncGeneric(n, size, f, lbs, opts...)
}

type Pool struct {
	*upstream.Pool
	submit func(task func()) error
}

func NewPool(size int, opts ...Option) (*Pool, error) {
	p, err := upstream.NewPool(size, opts...)
	if err != nil {
		return nil, err
	}
	return &Pool{p, submitter(p, size)}, nil
}

func (p *Pool) Submit(task func()) error { return p.submit(task) }

type MultiPool struct {
	*upstream.MultiPool
	submit func(task func()) error
}

func NewMultiPool(n, size int, lbs LoadBalancingStrategy, opts ...Option) (*MultiPool, error) {
	p, err := upstream.NewMultiPool(n, size, lbs, opts...)
	if err != nil {
		return nil, err
	}
	return &MultiPool{p, submitter(p, n*size)}, nil
}

func (p *MultiPool) Submit(task func()) error { return p.submit(task) }

// submitter returns upstream's Submit, done with ours: it returns when a worker
// has the task, or with the error of the refusal.
func submitter(p antsx.Pool, size int) func(task func()) error {
	way := func(task func() (struct{}, error)) future.Future[struct{}] { return antsx.Submit(p, task) }
	if os.Getenv("THROUGH") == "executor" {
		if size <= 0 {
			size = DefaultAntsPoolSize
		}
		// Their functions block the worker: that is reported, and not of interest.
		quiet := executor.WithLogger(slog.New(slog.DiscardHandler))
		e := antsx.NewExecutor(p, executor.WithWorkers(size), quiet)
		way = func(task func() (struct{}, error)) future.Future[struct{}] {
			return executor.Go(e, func(context.Context) (struct{}, error) { return task() })
		}
	}
	return func(task func()) error {
		begun := make(chan struct{})
		ended := future.Chan(way(func() (struct{}, error) {
			close(begun)
			task()
			return struct{}{}, nil
		}))
		select {
		case <-begun:
			return nil
		case r := <-ended:
			return r.Err
		}
	}
}
