package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var antsKinds = []kind{
	{"ants: Submit", submit},
	{"ants: Submit to a released pool", submitReleased},
	{"ants: SubmitContext", submitContext},
	{"ants: Map", mapOrdered},
	{"ants: MapUnordered, left", mapLeft},
	{"ants: PoolWithFunc", invoke},
	{"ants: NewPoolWithFunc, released", invokeReleased},
	{"ants: executor on a pool", onPool},
	{"ants: NewExecutor, pool released", newOnPool},
}

// submit gives the pool more than it has workers.
func submit(h *house, b *batch) error {
	fs := make([]future.Future[uint64], size)
	for i := range fs {
		v := b.send()
		fs[i] = antsx.Submit(h.pool, func() (uint64, error) { return v, nil })
	}
	return b.backs(await(future.All(fs...)))
}

// submitReleased releases a pool while calls are queued: they are made or refused.
func submitReleased(_ *house, b *batch) error {
	p, err := ants.NewPool(1)
	if err != nil {
		return err
	}
	values := make([]uint64, size)
	calls := make([]*oneshot.Receiver[uint64], size)
	for i := range calls {
		v := b.send()
		values[i] = v
		calls[i] = antsx.Submit(p, func() (uint64, error) { return v, nil })
	}
	p.Release()
	for i, rx := range calls {
		switch v, err := rx.Recv(); {
		case err == nil:
			b.back(v)
		case errors.Is(err, ants.ErrPoolClosed):
			b.back(values[i])
		default:
			return err
		}
	}
	return nil
}

// submitContext ends a call that has begun, by its context, and one that may have, by
// closing its receiver.
func submitContext(h *house, b *batch) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	begun := make(chan struct{})
	v := b.send()
	canceled := antsx.SubmitContext(ctx, h.pool, func(ctx context.Context) (uint64, error) {
		close(begun)
		<-ctx.Done()
		return v, context.Cause(ctx)
	})
	closed := antsx.SubmitContext(ctx, h.pool, func(ctx context.Context) (uint64, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	<-begun
	closed.Close()
	cancel(errPlanned)
	got, err := canceled.Recv() // the value comes with the error
	b.back(got)
	return expect(err, errPlanned)
}

// same returns v, for Map.
func same(_ context.Context, v uint64) (uint64, error) { return v, nil }

// values sends n values.
func (b *batch) values(n int) func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		for range n {
			if !yield(b.send()) {
				return
			}
		}
	}
}

func mapOrdered(h *house, b *batch) error {
	last := uint64(0)
	for v, err := range antsx.Map(context.Background(), h.pool, b.values(10*size), same) {
		if v <= last {
			return fmt.Errorf("got %d after %d, %w, want the order of the values", v, last, orNone(err))
		}
		last = v
		if err := b.take(v, err); err != nil {
			return err
		}
	}
	return nil
}

// mapLeft leaves the loop: each call that has begun is over then.
func mapLeft(h *house, b *batch) error {
	calls := func(_ context.Context, _ int) (int, error) {
		b.back(b.send())
		return 0, nil
	}
	numbers := func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
		}
	}
	n := 0
	for _, err := range antsx.MapUnordered(context.Background(), h.pool, numbers, calls) {
		if n++; err != nil || n == size {
			return err
		}
	}
	return nil
}

// invokes calls the function of p, and waits for the results.
func invokes(p *antsx.PoolWithFunc[uint64, uint64], b *batch) error {
	fs := make([]future.Future[uint64], size)
	for i := range fs {
		fs[i] = p.Invoke(b.send())
	}
	return b.backs(await(future.All(fs...)))
}

func invoke(h *house, b *batch) error { return invokes(h.poolFunc, b) }

func invokeReleased(_ *house, b *batch) error {
	p, err := antsx.NewPoolWithFunc(2, func(v uint64) (uint64, error) { return v, nil })
	if err != nil {
		return err
	}
	defer p.Release()
	return invokes(p, b)
}

func onPool(h *house, b *batch) error {
	return b.backs(await(future.All(handles(h.onPool, b, size)...)))
}

// newOnPool closes an executor before the pool, or releases the pool under it.
func newOnPool(_ *house, b *batch) error {
	p, err := ants.NewPool(2)
	if err != nil {
		return err
	}
	e := antsx.NewExecutor(p)
	if err := b.backs(await(future.All(handles(e, b, size)...))); err != nil {
		return err
	}
	v := b.send()
	waits := executor.Spawn(e, future.Never[int](), executor.OnTaskEnd(func(error) { b.back(v) }))
	if v%2 == 0 {
		p.Release()
	}
	waits.CancelCause(errPlanned)
	err = e.Close()
	if v%2 != 0 {
		p.Release()
	}
	return err
}
