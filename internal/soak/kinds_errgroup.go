package main

import (
	"context"
	"errors"

	"github.com/go-await/await/adapters/errgroup"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var errgroupKinds = []kind{
	{"errgroup: Go", groupGo},
	{"errgroup: Go that fails", groupFails},
	{"errgroup: TryGo", groupTryGo},
	{"errgroup: GoTask", groupTask},
	{"errgroup: WaitFuture", groupWaitFuture},
}

// groupGo starts functions at a limit.
func groupGo(_ *house, b *batch) error {
	g := new(errgroup.Group)
	g.SetLimit(4)
	fs := make([]future.Future[uint64], size)
	for i := range fs {
		v := b.send()
		fs[i] = errgroup.Go(g, func() (uint64, error) { return v, nil })
	}
	return errors.Join(g.Wait(), b.backs(await(future.All(fs...))))
}

// groupFails ends the context of functions that wait for it.
func groupFails(_ *house, b *batch) error {
	g, ctx := errgroup.WithContext(context.Background())
	for range size {
		v := b.send()
		g.Go(func() error {
			defer b.back(v)
			<-ctx.Done()
			return context.Cause(ctx)
		})
	}
	g.Go(func() error { return errPlanned })
	return expect(g.Wait(), errPlanned)
}

func groupTryGo(_ *house, b *batch) error {
	g := new(errgroup.Group)
	g.SetLimit(4)
	var fs []*oneshot.Receiver[uint64]
	for range size {
		v := b.send()
		if rx, ok := errgroup.TryGo(g, func() (uint64, error) { return v, nil }); ok {
			fs = append(fs, rx)
		} else {
			b.back(v)
		}
	}
	return errors.Join(g.Wait(), b.backs(await(future.All(future.Slice[uint64](fs)...))))
}

// groupTask starts tasks, which keep their places while they wait.
func groupTask(h *house, b *batch) error {
	g, _ := errgroup.WithContext(context.Background())
	g.SetLimit(4)
	fs := make([]future.Future[uint64], size)
	for i := range fs {
		v := b.send()
		fs[i] = errgroup.GoTask(g, h.tasks, func(ctx context.Context) (uint64, error) {
			return future.Await(ctx, future.Go(func() (uint64, error) { return v, nil }))
		})
	}
	return errors.Join(g.Wait(), b.backs(await(future.All(fs...))))
}

// groupWaitFuture has a task wait for a group.
func groupWaitFuture(h *house, b *batch) error {
	return inTask(h, func(ctx context.Context) error {
		g := new(errgroup.Group)
		done := make([]uint64, size)
		for i := range done {
			v := b.send()
			g.Go(func() error {
				done[i] = v
				return nil
			})
		}
		_, err := future.Await(ctx, g.WaitFuture())
		return b.backs(done, err)
	})
}
