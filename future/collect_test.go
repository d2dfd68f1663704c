package future_test

import (
	"runtime"
	"testing"
	"time"
)

// addCleanup sends name when o has been collected.
func addCleanup[T any](o *T, collected chan<- string, name string) {
	runtime.AddCleanup(o, func(name string) { collected <- name }, name)
}

// wantCollected collects garbage until the object of that name is gone.
func wantCollected(t *testing.T, collected <-chan string, want string) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		runtime.GC()
		select {
		case name := <-collected:
			if name != want {
				t.Fatalf("%s was let go, want %s", name, want)
			}
			return
		case <-deadline:
			t.Fatalf("%s was not let go", want)
		case <-time.After(time.Millisecond):
		}
	}
}
