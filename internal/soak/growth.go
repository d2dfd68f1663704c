package main

import (
	"errors"
	"fmt"
	"runtime"
)

// margins returns by how much each resource may seem to grow.
//
// All samples are taken while nothing runs, so what varies is what has not been cleaned
// up yet when a sample is taken, and that does not add up. A leak does: in a run of 30
// seconds each kind runs several hundred operations.
func margins() sample {
	return sample{
		// Idle coroutines, workers and map buckets, and four times the standard deviation
		// of the estimate for 10,000 descriptors of goroutines.
		heap: 256 << 10,
		// A worker keeps up to 64 idle coroutines, and there are two executors. Some
		// goroutines have done their work and are about to return.
		goroutines: 64 + 64*runtime.GOMAXPROCS(0),
		// The runtime keeps each thread that it once needed. If the machine is busy it
		// may need some more at any time, about one for each processor.
		threads: 8 + 2*runtime.GOMAXPROCS(0),
		// Timers that were stopped: the runtime forgets them when they are a quarter of
		// those that it has. The number is an estimate: of 200 timers about 20 are
		// profiled, and the standard deviation is a quarter.
		timers: 500,
	}
}

// warmUp is the part of the samples that comes before the caches are full.
const warmUp = 4 // one in four

// minSamples is how many samples there must be: two in each third.
const minSamples = 8

// grown returns which resources have grown, and by how much.
//
// It compares the smallest of the last third of the samples with the smallest of the
// first third, after the warm-up. A sample is too large if something is late; it is
// never too small. So chance moves the smallest of several samples only if it meets all
// of them, and then by no more than the margin; a leak moves every one.
func grown(samples []sample) error {
	if len(samples) < minSamples {
		return fmt.Errorf("%d samples are too few to see whether something grows: want %d", len(samples), minSamples)
	}
	warm := samples[len(samples)/warmUp:]
	third := len(warm) / 3
	first, last := smallest(warm[:third]), smallest(warm[len(warm)-third:])
	var errs []error
	for r, margin := range margins() {
		if by := last[r] - first[r]; by > margin {
			errs = append(errs, fmt.Errorf("%v grew by %d, from %d to %d: more than %d", resource(r), by, first[r], last[r], margin))
		}
	}
	return errors.Join(errs...)
}

// smallest returns the smallest amount of each resource.
func smallest(samples []sample) sample {
	s := samples[0]
	for _, other := range samples[1:] {
		for r := range s {
			s[r] = min(s[r], other[r])
		}
	}
	return s
}
