package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var futureKinds = []kind{
	{"future: All", all},
	{"future: All that fails", allFails},
	{"future: Race", race},
	{"future: Any", anyOf},
	{"future: Settle", settle},
	{"future: Set", set},
	{"future: Share", share},
	{"future: Completed", completed},
	{"future: Buffered", buffered},
	{"future: BufferedUnordered", bufferedUnordered},
	{"future: Timeout", timeout},
	{"future: Owned", ownedCanceled},
	{"future: Go that panics or exits", goPanics},
	{"future: After", after},
	{"future: FromChan", fromChan},
	{"future: Chan", chanOf},
	{"future: Map, Then and Catch", chain},
}

func await[T any](f future.Future[T]) (T, error) { return future.Await(context.Background(), f) }

func all(_ *house, b *batch) error { return b.backs(await(future.All(goes(b, size)...))) }

// allFails makes one fail, so that the values of the others are released.
func allFails(_ *house, b *batch) error {
	fs := append(owned(b, size), future.Go(func() (uint64, error) { return 0, errPlanned }))
	_, err := await(future.All(fs...))
	return expect(err, errPlanned)
}

func race(_ *house, b *batch) error { return b.take(await(future.Race(owned(b, size)...))) }

func anyOf(_ *house, b *batch) error {
	fs := append(owned(b, size), future.Go(func() (uint64, error) { return 0, errPlanned }))
	return b.take(await(future.Any(fs...)))
}

func settle(_ *house, b *batch) error {
	fs := append(goes(b, size), future.Go(func() (uint64, error) { return 0, errPlanned }))
	rs, err := await(future.Settle(fs...))
	if err != nil {
		return err
	}
	for _, r := range rs[:size] {
		if err := b.take(r.Value, r.Err); err != nil {
			return err
		}
	}
	return expect(rs[size].Err, errPlanned)
}

func set(_ *house, b *batch) error {
	var s future.Set[uint64]
	for _, f := range goes(b, size) {
		s.Add(f)
	}
	for range size {
		r, err := await(s.Next())
		if err = errors.Join(err, b.take(r.Value, r.Err)); err != nil {
			return err
		}
	}
	return nil
}

// share has four consumers, of which each gets the value, and one that goes away.
func share(_ *house, b *batch) error {
	v := b.send()
	s := future.Share(future.Go(func() (uint64, error) { return v, nil }))
	s.Clone().Cancel()
	var fs []future.Future[uint64]
	for range 4 {
		c := s.Clone()
		fs = append(fs, future.Go(func() (uint64, error) { return await(c) }))
	}
	vs, err := await(future.All(fs...))
	if err != nil {
		return err
	}
	for _, got := range vs {
		if got != v {
			return fmt.Errorf("a clone got %d, want %d", got, v)
		}
	}
	return b.take(await(s))
}

func completed(_ *house, b *batch) error {
	for _, r := range future.Completed(context.Background(), goes(b, size)...) {
		if err := b.take(r.Value, r.Err); err != nil {
			return err
		}
	}
	return nil
}

func buffered(_ *house, b *batch) error {
	last := uint64(0)
	for v, err := range future.Buffered(context.Background(), slices.Values(goes(b, size)), 4) {
		if v <= last {
			return fmt.Errorf("got %d after %d, want the order of the values", v, last)
		}
		last = v
		if err := b.take(v, err); err != nil {
			return err
		}
	}
	return nil
}

// bufferedUnordered leaves the loop halfway.
func bufferedUnordered(_ *house, b *batch) error {
	n := 0
	seq := func(yield func(future.Future[uint64]) bool) {
		for range size {
			if !yield(owned(b, 1)[0]) {
				return
			}
		}
	}
	for v, err := range future.BufferedUnordered(context.Background(), seq, 4) {
		if err := b.take(v, err); err != nil {
			return err
		}
		if n++; n == size/2 {
			break
		}
	}
	return nil
}

// timeout meets a limit that passes, and one that does not.
func timeout(_ *house, b *batch) error {
	_, err := await(future.Timeout(future.Never[uint64](), time.Millisecond))
	if err := expect(err, future.ErrTimeout); err != nil {
		return err
	}
	return b.take(await(future.Timeout(goes(b, 1)[0], time.Hour)))
}

// ownedCanceled cancels futures whose values come at the same time.
func ownedCanceled(_ *house, b *batch) error {
	for _, f := range owned(b, size) {
		runtime.Gosched()
		future.Cancel(f)
	}
	return nil
}

func goPanics(_ *house, b *batch) error {
	v := b.send()
	_, err := await(future.Go(func() (uint64, error) { panic(v) }))
	p, ok := errors.AsType[*future.PanicError](err)
	if !ok || p.Value != v {
		return fmt.Errorf("got %w, want a panic with %d", orNone(err), v)
	}
	b.back(v)
	_, err = await(future.Go(func() (uint64, error) {
		runtime.Goexit()
		return 0, nil
	}))
	return expect(err, future.ErrGoexit)
}

// after waits, and cancels waits that would be long.
func after(_ *house, _ *batch) error {
	for range size {
		f := future.After(time.Hour)
		f.Poll(future.NewWaker(func() {}))
		future.Cancel(f)
	}
	_, err := await(future.After(time.Millisecond))
	return err
}

// fromChan receives, and gives a wait up while a value comes.
func fromChan(_ *house, b *batch) error {
	c := make(chan uint64)
	v := b.send()
	go func() { c <- v }()
	if err := b.take(await(future.FromChan(c))); err != nil {
		return err
	}
	f := future.Owned(future.FromChan(c), b.back)
	f.Poll(future.NewWaker(func() {}))
	v = b.send()
	gone := make(chan struct{})
	go func() {
		select {
		case c <- v:
		case <-gone:
			b.back(v)
		}
	}()
	runtime.Gosched()
	future.Cancel(f)
	close(gone)
	return nil
}

func chanOf(_ *house, b *batch) error {
	tx, rx := oneshot.New[uint64]()
	c := future.Chan[uint64](rx)
	v := b.send()
	go func() { _ = tx.Send(v) }()
	r := <-c
	return b.take(r.Value, r.Err)
}

// chain goes through a failure, which keeps its value.
func chain(_ *house, b *batch) error {
	var failed uint64
	f := future.Map(goes(b, 1)[0], func(v uint64) (uint64, error) {
		failed = v
		return 0, errPlanned
	})
	f = future.Catch(f, func(err error) (uint64, error) { return failed, expect(err, errPlanned) })
	return b.take(await(future.Then(f, future.Ready[uint64])))
}
