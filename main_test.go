package await_test

import (
	"testing"

	"github.com/panjf2000/ants/v2"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// Importing ants makes a default pool with two goroutines, purgeStaleWorkers
	// and ticktock, as every pool has. It is ended here, so that they need not be
	// ignored, and those of any other pool are a leak.
	ants.Release()
	goleak.VerifyTestMain(m)
}
