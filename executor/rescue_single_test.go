//go:build !delay

package executor_test

import (
	"runtime"
	"testing"
)

// With one processor the watch's timer is always late while a task computes.
//
// A hesitation of the delay build is up to a hundred yields, and here each of them
// gives the processor away for a time slice of 10 ms. The test took seconds then,
// and on a busy machine many minutes.
func TestStallOnOneProcessor(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	testStall(t, computation)
}
