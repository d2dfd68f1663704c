//go:build interleave

package park_test

import (
	"testing"

	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/park"
)

func TestModelWakeBeforeOrAfterPark(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var p park.Parker
		m.Go("wake", p.OnWake)
		p.Park()
	})
}

func TestModelTwoWakers(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var p park.Parker
		m.Go("wake 1", p.OnWake)
		m.Go("wake 2", p.OnWake)
		p.Park()
	})
}

// A parker may be used again. One wake more than parks is needed, since wakes
// coalesce.
func TestModelParkAgain(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var p park.Parker
		var seen interleave.Uint32
		m.Go("wake", func() {
			seen.Store(1)
			p.OnWake()
		})
		for seen.Load() == 0 {
			p.Park()
		}
		m.Go("wake again", func() {
			seen.Store(2)
			p.OnWake()
		})
		for seen.Load() == 1 {
			p.Park()
		}
	})
}
