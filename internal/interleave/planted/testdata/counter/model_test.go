//go:build interleave

package counter

import (
	"testing"

	"github.com/go-await/await/internal/interleave"
)

func TestModelAdd(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var c Counter
		m.Go("left", c.Add)
		m.Go("right", c.Add)
		m.Wait()
		if n := c.n.Load(); n != 2 {
			m.Fatalf("%d", n)
		}
	})
}

// A test like those that call planted.Check. With a bug planted it must not run:
// it would plant the bugs again.
func TestModelPlantedBugs(t *testing.T) { t.Fatal("planted within a planted run") }
