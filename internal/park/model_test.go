//go:build interleave

package park_test

import (
	"testing"
	"unsafe"

	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/interleave/planted"
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

// A wake is not lost when it comes while the owner returns from the one before.
func TestModelThreeWakes(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var p park.Parker
		var jobs interleave.Uint32
		for range 3 {
			m.Go("wake", func() {
				jobs.Add(1)
				p.OnWake()
			})
		}
		for jobs.Load() < 3 {
			p.Park()
		}
	}, interleave.Preemptions(3))
}

// What the waker has written is seen by the owner.
func TestModelPublishes(t *testing.T) {
	interleave.Check(t, func(m *interleave.Model) {
		var p park.Parker
		value := 0
		m.Go("wake", func() {
			interleave.Write(unsafe.Pointer(&value))
			value = 1
			p.OnWake()
		})
		p.Park()
		interleave.Read(unsafe.Pointer(&value))
		if value != 1 {
			m.Fatalf("parked, and value is %d", value)
		}
	})
}

func TestModelPlantedBugs(t *testing.T) {
	const wake = "	if p.state.Swap(notified) == parked {\n"
	const park = "	if !t.state.CompareAndSwap(empty, parked) {\n"
	planted.Check(t, "^TestModel(Wake|Two|Park|Three|Publishes)", []planted.Bug{
		{
			Name: "load and store instead of swap",
			File: "park.go",
			Old:  wake,
			New:  "	old := p.state.Load()\n	p.state.Store(notified)\n	if old == parked {\n",
		},
		{
			Name: "signal before the wake is kept",
			File: "park.go",
			Old:  wake,
			New:  "	p.cond.Signal()\n	p.state.Store(notified)\n	if false {\n",
		},
		{
			Name: "wake overwritten by the owner",
			File: "park.go",
			Old:  park,
			New:  "	if t.state.Store(parked); false {\n",
		},
		{
			Name: "owner sleeps although there is a wake",
			File: "park.go",
			Old:  park,
			New:  "	if t.state.CompareAndSwap(empty, parked); false {\n",
		},
		{
			Name: "wake not taken",
			File: "park.go",
			Old:  "	p.state.Swap(empty)\n",
			New:  "	p.state.CompareAndSwap(parked, empty)\n",
		},
		{
			Name: "wake taken unseen",
			File: "park.go",
			Old:  "	p.state.Swap(empty)\n",
			New:  "	p.state.Store(empty)\n",
		},
		{
			Name: "owner parks before it has a ticket",
			File: "park.go",
			Old:  "		p.cond.L = (*ticket)(p)\n		p.cond.Wait()\n",
			New:  "		if p.state.CompareAndSwap(empty, parked) {\n			p.cond.L = (*ticket)(new(Parker))\n			p.cond.Wait()\n		}\n",
		},
	})
}
