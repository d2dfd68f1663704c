package interleave_test

import (
	"testing"

	. "github.com/go-await/await/internal/interleave"
)

// BenchmarkStep measures a step, most of them without a switch of goroutines.
func BenchmarkStep(b *testing.B) {
	b.ReportAllocs()
	steps := 0
	for b.Loop() {
		Explore(func(m *Model) {
			var x Uint32
			for range 2 {
				m.Go("add", func() {
					for range 50 {
						x.Add(1)
					}
				})
			}
			steps += 100
		}, Preemptions(1))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(steps), "ns/step")
}
