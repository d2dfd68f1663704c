package interleave_test

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/goleak"

	. "github.com/go-await/await/internal/interleave"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The failure that is reported has as few preemptions as there can be.
func TestFewestPreemptions(t *testing.T) {
	_, failure := Explore(func(m *Model) {
		var x Uint32
		for range 3 {
			m.Go("add", func() {
				x.Add(0)
				x.Store(x.Load() + 1)
				x.Add(0)
			})
		}
		m.Wait()
		if x.Load() != 3 {
			m.Fatalf("x is %d", x.Load())
		}
	})
	// One goroutine is interrupted, once, after its load.
	if want := "b4c2d4c2a3"; failure == nil || failure.Schedule != want {
		t.Errorf("got %v, want %s", failure, want)
	}
}

func TestPreemptionBound(t *testing.T) {
	program := func(m *Model) {
		var x Uint32
		m.Go("twice", func() { x.CompareAndSwap(0, 1); x.CompareAndSwap(2, 3) })
		m.Go("once", func() { x.CompareAndSwap(1, 2); x.Load() })
		m.Wait()
		if x.Load() == 3 {
			m.Fatalf("x is 3")
		}
	}
	for bound, want := range []bool{true, false} {
		// main → twice, then a preemption, then twice again as once has ended
		if _, failure := Explore(program, Preemptions(bound)); (failure == nil) != want {
			t.Errorf("with %d preemptions: %v", bound, failure)
		}
	}
}

func TestReplayOfAnotherProgram(t *testing.T) {
	for _, schedule := range []string{"b", "ab2", "z", "3", "A", "a99999999999999999999"} {
		_, failure := Replay(schedule, func(m *Model) {
			var x Uint32
			x.Load()
		})
		if failure == nil || failure.Kind != Unrepeatable {
			t.Errorf("%s: %v", schedule, failure)
		}
	}
}

func TestUnrepeatableProgram(t *testing.T) {
	runs := 0
	_, failure := Explore(func(m *Model) {
		runs++
		var x, y Uint32
		for i := range 2 + runs%2 {
			m.Go(fmt.Sprint(i), func() { x.Add(1); y.Add(1) })
		}
	})
	if failure == nil || failure.Kind != Unrepeatable {
		t.Errorf("got %v", failure)
	}
}

// A recorder is a TB that only remembers.
type recorder struct{ log, fatal string }

func (r *recorder) Helper()                   {}
func (r *recorder) Name() string              { return "TestOf/this" }
func (r *recorder) Logf(f string, a ...any)   { r.log += fmt.Sprintf(f, a...) }
func (r *recorder) Fatalf(f string, a ...any) { r.fatal += fmt.Sprintf(f, a...) }

func TestCheckTellsHowToReplay(t *testing.T) {
	lostUpdate := programs[0].run
	for _, row := range []struct{ replay, log, fatal string }{
		{"", "", "INTERLEAVE_REPLAY=bc2ba3 go test -tags interleave -run '^TestOf$/^this$'"},
		{"bc2ba3", "", "x is 1"},
		{"b2c2", "Load() = 2", ""},
	} {
		t.Setenv(ReplayVariable, row.replay)
		var r recorder
		Check(&r, lostUpdate)
		if !strings.Contains(r.log, row.log) || !strings.Contains(r.fatal, row.fatal) || r.fatal != "" && row.fatal == "" {
			t.Errorf("replay of %q: logged %q, failed with %q", row.replay, r.log, r.fatal)
		}
	}
}
