package main

import (
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"
)

// stats are counted while a job runs.
type stats struct {
	start time.Time

	found atomic.Int64 // files that are to be hashed
	done  atomic.Int64 // of which this many were hashed, or failed
	bytes atomic.Int64 // read
	total atomic.Int64 // that are to be read, as far as the files found are known
	tasks atomic.Int64

	peakPending    atomic.Int64
	peakGoroutines atomic.Int64
}

// sample notes the peaks. It is called once per file.
func (s *stats) sample() {
	raise(&s.peakPending, s.found.Load()-s.done.Load())
	raise(&s.peakGoroutines, int64(runtime.NumGoroutine()))
}

// raise makes peak at least n.
func raise(peak *atomic.Int64, n int64) {
	for old := peak.Load(); n > old; old = peak.Load() {
		if peak.CompareAndSwap(old, n) {
			return
		}
	}
}

// speed returns how much was hashed per second so far, in 10⁶ bytes.
func (s *stats) speed() float64 {
	return float64(s.bytes.Load()) / 1e6 / time.Since(s.start).Seconds()
}

// print writes the summary, a figure per line. The goroutines are all that the
// program has, those of the runtime's own aside.
func (s *stats) print(w io.Writer) {
	fmt.Fprintf(w, "files            %d\n", s.done.Load())
	fmt.Fprintf(w, "bytes            %d\n", s.bytes.Load())
	fmt.Fprintf(w, "elapsed          %.3f s\n", time.Since(s.start).Seconds())
	fmt.Fprintf(w, "MB/s             %.1f\n", s.speed())
	fmt.Fprintf(w, "tasks            %d\n", s.tasks.Load())
	fmt.Fprintf(w, "peak pending     %d\n", s.peakPending.Load())
	fmt.Fprintf(w, "peak goroutines  %d\n", s.peakGoroutines.Load())
}
