package interleave_test

import (
	"fmt"

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
