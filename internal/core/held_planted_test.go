//go:build interleave

package core_test

import (
	"testing"

	"github.com/go-await/await/internal/interleave/planted"
)

var heldBugs = []planted.Bug{
	{
		Name: "released over a close",
		File: "held.go",
		Old:  `	return atomics.CompareAndSwapStatic(&c.claim, &held, nil) || c.replaceInner(&held, nil)`,
		New: `	if c.claim.Load() == &gone {
		return false
	}
	c.claim.Store(nil)
	return true`,
	},
	{
		Name: "released only if OnDrop was not called",
		File: "held.go",
		Old:  ` || c.replaceInner(&held, nil)`,
		New:  ``,
	},
	{
		Name: "holder told of a call that was released",
		File: "held.go",
		Old:  `	if claim.CompareAndSwap(&held, &gone) {`,
		New:  `	if claim.Swap(&gone) != nil {`,
	},
	{
		Name: "released meanwhile, and not rejected",
		File: "held.go",
		Old: `	// nil → gone, unless a sender was quicker, or OnDrop.
	return claim.CompareAndSwap(nil, &gone)`,
		New: `	return true`,
	},
	{
		Name: "holder not told behind OnDrop",
		File: "state.go",
		Old:  `		if c.rejectHeld(&r.claim) {`,
		New:  `		if false {`,
	},
}

// Every one of them must be caught.
func TestModelHeldPlantedBugs(t *testing.T) {
	planted.Check(t, "^TestModelHeld$", heldBugs)
}
