//go:build interleave

package future

import (
	"testing"

	"github.com/go-await/await/internal/interleave/planted"
)

// Wrong versions of what gives up, keeps, passes on and releases results. Each was
// thought of as a slip that a test without the right order of steps would not notice.
var bugs = []planted.Bug{
	{
		Name: "Map lets its source go in Cancel",
		File: "map.go",
		Old: `		m.life = canceled
		Cancel(m.src)`,
		New: `		src := m.src
		m.src, m.life = nil, canceled
		Cancel(src)`,
	},
	{
		Name: "the source is polled before it is canceled",
		File: "catch.go",
		Old: `		c.life = canceled
		Cancel(c.src)`,
		New: `		c.life = canceled
		if v, ready, err := c.src.Poll(nil); ready {
			c.src = &partial[T]{v, err}
		} else {
			c.src = nil
		}
		Cancel(c.src)`,
	},
	{
		Name: "a Timeout that is over forgets to poll its source",
		File: "limit.go",
		Old:  `	v, err = giveUp(src, cause)`,
		New: `	Cancel(src)
	err = cause`,
	},
	{
		Name: "Then does not call its function after Cancel",
		File: "then.go",
		Old: `	if !kept || err != nil {
		return u, true, err
	}`,
		New: `	if _ = kept; true {
		return u, true, ErrCanceled
	}`,
	},
	{
		Name: "a goroutine asks whether it is heard before it rings",
		File: "go.go",
		Old:  `		if !g.done.settle(failed) && !failed {`,
		New: `		muted := g.done.isMuted()
		g.done.settle(failed)
		if muted && !failed {`,
	},
	{
		Name: "a goroutine asks whether it is heard after it has rung",
		File: "bell.go",
		Old: `	w := b.state.Swap(rung) // as in ring
	w.Settle(failed)
	return w != muted`,
		New: `	b.state.Swap(rung).Settle(failed)
	return b.state.Load() != muted`,
	},
	{
		Name: "a goroutine drops its value also if it is heard",
		File: "go.go",
		Old:  `		if !g.done.settle(failed) && !failed {`,
		New:  `		if g.done.settle(failed); !failed {`,
	},
	{
		Name: "Owned does not poll once more after Cancel",
		File: "owned.go",
		Old:  `	defer o.reclaim(src) // also if Cancel panics`,
		New:  `	defer o.letGo()`,
	},
	{
		Name: "Owned polls before it cancels",
		File: "owned.go",
		Old: `	defer o.reclaim(src) // also if Cancel panics
	o.src = nil
	Cancel(src)`,
		New: `	o.reclaim(src)
	Cancel(src)`,
	},
	{
		Name: "Race does not tell its children what to drop to",
		File: "group.go",
		Old:  `			c.src = dropTo(c.src, drop)`,
		New:  `			_ = drop`,
	},
	{
		Name: "each clone that leaves a Share releases the value",
		File: "share.go",
		Old:  `	if h.clones--; h.clones == 0 {`,
		New:  `	if h.clones--; h.clones >= 0 {`,
	},
	{
		Name: "a Share counts a clone out that has the value",
		File: "share.go",
		Old: `	s.life = consumed
	atomics.Read`,
		New: `	s.life = consumed
	h.mu.Lock()
	h.clones--
	h.mu.Unlock()
	atomics.Read`,
	},
}

func TestModelPlantedBugs(t *testing.T) {
	planted.Check(t, "TestModelAcceptedIsNotLost|TestModelOwned", bugs)
}
