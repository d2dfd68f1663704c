package main

import (
	"math"
	"runtime"
	"runtime/metrics"
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
	m := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/sched/threads/total:threads"},
	}
	metrics.Read(m)
	p := readProfile()
	var s sample
	s[heap] = int(m[0].Value.Uint64()) - p.descriptors
	s[goroutines] = int(m[1].Value.Uint64())
	s[threads] = int(m[2].Value.Uint64())
	s[timers] = p.timers
	return s
}

// A profile is what the heap profile says of objects that the runtime has no metrics for.
// It has a sample of the objects, so the numbers are estimates.
type profile struct {
	// timers is how many timers are in memory. The runtime does not tell how many are
	// set.
	timers int
	// descriptors is the size of the goroutine descriptors. The runtime keeps as many as
	// there ever were goroutines at a time, which is no leak, and not flat.
	descriptors int
}

func readProfile() profile {
	var records []runtime.MemProfileRecord
	for n, ok := runtime.MemProfile(nil, false); !ok; {
		records = make([]runtime.MemProfileRecord, n+n/8+16)
		n, ok = runtime.MemProfile(records, false)
		records = records[:min(n, len(records))]
	}
	count, size := 0.0, 0.0
	for _, r := range records {
		n := float64(r.InUseObjects())
		if n == 0 {
			continue
		}
		bytes := float64(r.InUseBytes())
		scale := 1 / (1 - math.Exp(-bytes/n/profileRate)) // as pprof does
		switch allocator(r.Stack()) {
		case timerMaker:
			count += n * scale
		case goroutineMaker:
			size += bytes * scale
		}
	}
	return profile{timers: int(count), descriptors: int(size)}
}

// These functions of the runtime allocate timers, and goroutines.
const (
	timerMaker     = "time.newTimer"
	goroutineMaker = "runtime.malg"
)

// allocator returns which of the two is on the stack, if one is.
func allocator(stack []uintptr) string {
	frames := runtime.CallersFrames(stack)
	for {
		f, more := frames.Next()
		if f.Function == timerMaker || f.Function == goroutineMaker || !more {
			return f.Function
		}
	}
}
