//go:build !race && !delay && !interleave

package ants_test

import (
	"testing"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/internal/budget"
)

// The budget: the call, and for Do a function around the caller's.
func TestAllocations(t *testing.T) {
	budget.Check(t)
	for _, size := range []int{1, 100} {
		p := newPool(t, size)
		submit := testing.AllocsPerRun(1000, func() { _, _ = antsx.Submit(p, work).Recv() })
		do := testing.AllocsPerRun(1000, func() { _, _ = antsx.Do(p, func() error { return nil }).Recv() })
		if submit > 1 || do > 2 {
			t.Errorf("size %d: got %v allocations by Submit and %v by Do, want 1 and 2", size, submit, do)
		}
	}
}
