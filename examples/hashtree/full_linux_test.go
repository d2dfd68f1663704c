package main

import (
	"os"
	"strings"
	"testing"
)

// Linux has a device that is always full.

// A list that cannot be written is told.
func TestFullDevice(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	dir := t.TempDir()
	write(t, dir, "f", "x")
	cmd := command(t, dir, "f")
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = full, &stderr
	cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != statusFailed || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("status %d, %q", got, stderr.String())
	}
}
