//go:build unix

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

// An interrupt ends the program although its input, a pipe, neither ends nor goes
// on, and leaves no part of a result.
func TestInterrupt(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.gz")
	cmd := program.Command(t, "-chunk", "1000", "-o", out, "/dev/stdin")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := program.Interrupt(t, cmd, func(*bufio.Reader) {
		// It is more than a pipe holds: the program has begun when it is written.
		if _, err := stdin.Write(make([]byte, 1<<20)); err != nil {
			t.Error(err)
		}
	})
	if status != 130 || stdout != "" || stderr != "pipeline: interrupted\n" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the result is there: %v", err)
	}
}
