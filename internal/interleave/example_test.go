package interleave_test

import (
	"fmt"
	"time"
	"unsafe"

	"github.com/go-await/await/internal/interleave"
)

// A flag that is looked at and then set is no lock. The checker finds the order
// in which two goroutines pass it.
func Example() {
	program := func(m *interleave.Model) {
		var flag, inside interleave.Uint32
		for _, name := range []string{"left", "right"} {
			m.Go(name, func() {
				if flag.Load() == 0 {
					flag.Store(1)
					if inside.Add(1) == 2 {
						m.Fatalf("%s is not alone", name)
					}
				}
			})
		}
	}
	_, failure := interleave.Explore(program)
	fmt.Println(failure.Kind, failure.Message, failure.Schedule)
	for _, s := range failure.Steps {
		fmt.Println(s.Number, s.Goroutine, s.Op)
	}
	// Output:
	// assertion failed left is not alone bc3b2
	// 1 b left Load() = 0
	// 2 c right Load() = 0
	// 3 c right Store(1)
	// 4 c right Add(1) = 1
	// 5 b left Store(1)
	// 6 b left Add(1) = 2
}

// Explore of a correct program tells how much there was to explore.
func ExampleExplore() {
	stats, failure := interleave.Explore(func(m *interleave.Model) {
		var x, y, z interleave.Uint32
		m.Go("x", func() { x.Add(1); x.Add(1); x.Add(1) })
		m.Go("y", func() { y.Add(1); y.Add(1); y.Add(1) })
		m.Go("z", func() { z.Add(1); z.Add(1); z.Add(1) })
	})
	fmt.Println(failure)
	fmt.Println(stats)
	// Output:
	// <nil>
	// 1680 interleavings, 82 executions, 54 states, at most 10 steps
}

// Replay makes one execution, here that of a failure, step by step.
func ExampleReplay() {
	steps, failure := interleave.Replay("b2c", func(m *interleave.Model) {
		var x interleave.Int64
		m.Go("add", func() { x.Add(2); x.Add(3) })
		m.Go("double", func() { x.Add(x.Load()) })
	})
	fmt.Println(failure)
	for _, s := range steps {
		fmt.Println(s.Goroutine, s.Op)
	}
	// Output:
	// <nil>
	// b add Add(2) = 2
	// b add Add(3) = 5
	// c double Load() = 5
	// c double Add(5) = 10
	// a main Wait for the others
}

// A printer is what Check takes for a test.
type printer struct{}

func (printer) Helper()                   {}
func (printer) Name() string              { return "TestModelBothAreCounted" }
func (printer) Logf(f string, a ...any)   { fmt.Printf(f+"\n", a...) }
func (printer) Fatalf(f string, a ...any) { fmt.Printf(f+"\n", a...) }

// Check is for tests. It logs how much was explored, and a failure ends the test.
func ExampleCheck() {
	interleave.Check(printer{}, func(m *interleave.Model) {
		var x interleave.Uint64
		m.Go("left", func() { x.Add(1) })
		m.Go("right", func() { x.Add(1) })
		m.Wait()
		if x.Load() != 2 {
			m.Fatalf("x is %d", x.Load())
		}
	})
	// Output: interleave: 2 interleavings, 2 executions, 1 states, at most 5 steps
}

// With a bound on preemptions a search covers less, and the most likely first.
func ExamplePreemptions() {
	program := func(m *interleave.Model) {
		var x interleave.Uint32
		for range 3 {
			m.Go("add", func() {
				for range 4 {
					x.Add(1)
				}
			})
		}
	}
	for bound := range 3 {
		stats, _ := interleave.Explore(program, interleave.Preemptions(bound))
		fmt.Println(stats.Interleavings)
	}
	stats, _ := interleave.Explore(program)
	fmt.Println(stats.Interleavings)
	// Output:
	// 6
	// 60
	// 402
	// 34650
}

// Accesses to plain memory that other goroutines use are marked.
func ExampleRead() {
	_, failure := interleave.Explore(func(m *interleave.Model) {
		var ready interleave.Uint32
		value := 0
		m.Go("produce", func() {
			ready.Store(1) // too early
			interleave.Write(unsafe.Pointer(&value))
			value = 1
		})
		if ready.Load() == 1 {
			interleave.Read(unsafe.Pointer(&value))
			_ = value
		}
	})
	fmt.Println(failure.Kind)
	// Output: data race
}

// A timer fires at any moment until it is stopped, so every outcome is seen.
func ExampleAfterFunc() {
	outcomes := map[string]bool{}
	interleave.Explore(func(m *interleave.Model) {
		var fired interleave.Uint32
		stop := interleave.AfterFunc(time.Hour, func() { fired.Store(1) })
		stopped := stop()
		m.Wait()
		outcomes[fmt.Sprint("stopped ", stopped, ", fired ", fired.Load())] = true
	})
	fmt.Println(outcomes)
	// Output: map[stopped false, fired 1:true stopped true, fired 0:true]
}
