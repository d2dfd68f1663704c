package main

import (
	"math"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
)

// A resource is what must not grow.
type resource int

const (
	heap resource = iota
	goroutines
	threads
	timers
	resources // how many there are
)

var names = [resources]string{"heap", "goroutines", "threads", "timers"}

func (r resource) String() string { return names[r] }

// A sample has the amount of each resource at a time at which no operation runs.
type sample [resources]int

// profileRate is runtime.MemProfileRate of the program: one object is profiled for so
// many allocated bytes. It is small enough to profile a tenth of the timers, and large
// enough for the profile to cost little.
const profileRate = 1024

// takeSample collects garbage and measures. The runtime publishes a heap profile with a
// delay of two collections, and cleanups run after one.
func takeSample() sample {
	for range 4 {
		runtime.GC()
	}
	var s sample
	s[heap] = heapBytes()
	s[goroutines] = runtime.NumGoroutine()
	s[threads] = pprof.Lookup("threadcreate").Count() // those that have ended are not in it
	s[timers] = countTimers()
	return s
}

// heapBytes returns the size of the objects on the heap.
func heapBytes() int {
	m := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(m)
	return int(m[0].Value.Uint64())
}

// countTimers estimates how many timers are in memory. The runtime does not tell how
// many are set, so the heap profile must do: it has a sample of the objects that
// time.newTimer has allocated and that were not collected since.
func countTimers() int {
	var records []runtime.MemProfileRecord
	for n, ok := runtime.MemProfile(nil, false); ; {
		records = make([]runtime.MemProfileRecord, n+n/8+16)
		if n, ok = runtime.MemProfile(records, false); ok {
			records = records[:n]
			break
		}
	}
	total := 0.0
	for _, r := range records {
		n := float64(r.InUseObjects())
		if n == 0 || !allocatesTimer(r.Stack()) {
			continue
		}
		size := float64(r.InUseBytes()) / n
		total += n / (1 - math.Exp(-size/profileRate)) // as pprof scales samples
	}
	return int(math.Round(total))
}

// allocatesTimer reports whether a stack is one of time.newTimer.
func allocatesTimer(stack []uintptr) bool {
	return slices.ContainsFunc(stack, func(pc uintptr) bool {
		f := runtime.FuncForPC(pc - 1)
		return f != nil && f.Name() == "time.newTimer"
	})
}
