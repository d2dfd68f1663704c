package bench

import (
	"runtime"
	"testing"
)

// A contest is the contestants of a job, in the order of the tables.
type contest []contestant

type contestant struct {
	impl string
	run  func(b *testing.B)
}

// run runs a job.
func (c contest) run(b *testing.B) {
	for _, x := range c {
		b.Run("impl="+x.impl, func(b *testing.B) {
			b.ReportAllocs()
			x.run(b)
		})
	}
}

// same fails the benchmark if a contestant did not do the job.
func same[T comparable](b *testing.B, got, want T) {
	if got != want {
		b.Helper()
		b.Fatalf("the result is %v, want %v", got, want)
	}
}

// must fails the benchmark on an error.
func must[T any](b *testing.B) func(v T, err error) T {
	return func(v T, err error) T {
		if err != nil {
			b.Helper()
			b.Fatal(err)
		}
		return v
	}
}

// server returns where a goroutine takes requests and answers them.
func server[R any](b *testing.B, answer func(R)) chan<- R {
	requests := make(chan R)
	b.Cleanup(func() { close(requests) })
	go func() {
		for r := range requests {
			answer(r)
		}
	}()
	return requests
}

// liveBytes returns how much memory is in use, of heap and stacks, after a
// collection.
func liveBytes() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
