//go:build (386 || amd64 || arm || arm64 || loong64 || ppc64 || ppc64le || riscv64 || s390x) && !purego

package gid

import "testing"

func TestAssemblyDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Current() }); n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}
