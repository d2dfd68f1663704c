package futuretest

import "time"

// SetPatience changes how long anything here waits, until the test is over.
func SetPatience(t interface{ Cleanup(func()) }, d time.Duration) {
	old := patience
	patience = d
	t.Cleanup(func() { patience = old })
}
