package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// size is how many values the operations send that send several.
const size = 16

// kinds are all kinds of operations.
var kinds = slices.Concat(oneshotKinds, futureKinds, executorKinds, antsKinds, errgroupKinds)

var errPlanned = errors.New("soak: a planned failure")

// expect returns an error unless err is want.
func expect(err, want error) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("got error %w, want %w", orNone(err), orNone(want))
	}
	return nil
}

var errNone = errors.New("none")

func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}

// goes returns futures of n values, each of which a goroutine returns.
func goes(b *batch, n int) []future.Future[uint64] {
	fs := make([]future.Future[uint64], n)
	for i := range fs {
		v := b.send()
		fs[i] = future.Go(func() (uint64, error) { return v, nil })
	}
	return fs
}

// owned returns futures of n values that goroutines send, and that come back also if
// they are refused or dropped.
func owned(b *batch, n int) []future.Future[uint64] {
	fs := make([]future.Future[uint64], n)
	for i := range fs {
		tx, rx := oneshot.New[uint64]()
		v := b.send()
		go func() {
			if tx.Send(v) != nil {
				b.back(v)
			}
		}()
		fs[i] = future.Owned(rx, b.back)
	}
	return fs
}

// backs notes that all values have come back.
func (b *batch) backs(vs []uint64, err error) error {
	if err == nil {
		for _, v := range vs {
			b.back(v)
		}
	}
	return err
}
