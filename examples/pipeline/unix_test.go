//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An interrupt ends the program although its input, a pipe, neither ends nor goes
// on, and leaves no part of a result.
func TestInterrupt(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.gz")
	cmd := command(t, "-chunk", "1000", "-o", out, "/dev/stdin")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer watchdog.Stop()
	// It is more than a pipe holds: the program has begun when it is written.
	if _, err := stdin.Write(make([]byte, 1<<20)); err != nil {
		t.Error(err)
	}
	cmd.Process.Signal(os.Interrupt)
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != statusInterrupted || stderr.String() != "pipeline: interrupted\n" {
		t.Errorf("status %d, %q", got, stderr.String())
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the result is there: %v", err)
	}
}
