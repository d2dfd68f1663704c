//go:build interleave

package current

import (
	"testing"

	"github.com/go-await/await/internal/gid"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/interleave/planted"
)

// Two goroutines enter and remove themselves in a table that is half full, so that
// the second to come copies it, while both look themselves up: each finds itself and nothing
// else. Their numbers have one home.
func TestModelEnterWhileCopied(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var table Table
		slots := make([]slot, 4)
		table.slots.Store(&slots)
		var old Entry
		table.Set(12, &old, "old") // with one more it is half full
		for i := range 2 {
			m.Go("goroutine", func() {
				id := gid.ID((i+1)<<32 + 12)
				var e Entry
				if got := table.Get(id); got != nil {
					m.Fatalf("before Set: got %v", got)
				}
				table.Set(id, &e, i)
				if table.IsEmpty() {
					m.Fatalf("after Set: empty")
				}
				if got := table.Get(id); got != i {
					m.Fatalf("after Set: got %v, want %d", got, i)
				}
				table.Remove(&e)
				if got := table.Get(id); got != nil {
					m.Fatalf("after Remove: got %v", got)
				}
			})
		}
		m.Wait()
		if got := table.Get(12); got != "old" {
			m.Fatalf("the one that was there before: got %v", got)
		}
		table.Remove(&old)
		if !table.IsEmpty() {
			m.Fatalf("entries are left")
		}
	}, interleave.Preemptions(3))
}

var bugs = []planted.Bug{
	{
		Name: "look-up ends at a removed entry",
		File: "current.go",
		Old:  `		case e == nil:`,
		New:  `		case e == nil || e == removed:`,
	},
	{
		Name: "copy published before it is complete",
		File: "current.go",
		Old: `	slots := make([]slot, n)
	t.used = 0
	if old := t.slots.Load(); old != nil {`,
		New: `	slots := make([]slot, n)
	t.used = 0
	if old := t.slots.Swap(&slots); old != nil {`,
	},
	{
		Name: "entry that is not copied",
		File: "current.go",
		Old:  `e != nil && e != removed {`,
		New:  `e != nil && e != removed && i != home(*old, e.id) {`,
	},
	{
		Name: "slot of an entry made nil, so that those behind are not found",
		File: "current.go",
		Old:  `slots[i].Store(removed) // entry → removed`,
		New:  `slots[i].Store(nil)`,
	},
	{
		Name: "count taken before the lock",
		File: "current.go",
		Old: `	t.mu.Lock()
	defer t.mu.Unlock()
	n := int(t.count.Load()) // changed under mu only`,
		New: `	n := int(t.count.Load())
	t.mu.Lock()
	defer t.mu.Unlock()`,
	},
	{
		Name: "no lock",
		File: "current.go",
		Old: `	t.mu.Lock()
	defer t.mu.Unlock()
	n :=`,
		New: `	n :=`,
	},
}

func TestModelPlantedBugs(t *testing.T) { planted.Check(t, "TestModelEnter", bugs) }
