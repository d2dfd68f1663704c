//go:build unix

package executor_test

import (
	"syscall"
	"testing"
)

// A task that is in one system call for as long as it takes.
func TestStallInSystemCall(t *testing.T) {
	testStall(t, func() (block, release func()) {
		var fds [2]int
		if err := syscall.Pipe(fds[:]); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = syscall.Close(fds[0])
			_ = syscall.Close(fds[1])
		})
		block = func() {
			if _, err := syscall.Read(fds[0], make([]byte, 1)); err != nil {
				t.Error(err)
			}
		}
		release = func() {
			if _, err := syscall.Write(fds[1], []byte{1}); err != nil {
				t.Error(err)
			}
		}
		return block, release
	})
}
