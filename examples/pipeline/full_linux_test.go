package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

// Linux has a device that is always full.

// A result that cannot be written is told, and a device is not removed.
func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.gz")
	if err := os.Symlink("/dev/full", out); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := program.Run(t, program.Command(t, "-generate", "1000", "-o", out))
	if status != statusFailed || stdout != "" || !strings.Contains(stderr, "no space left") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if _, err := os.Lstat(out); err != nil {
		t.Errorf("it was removed: %v", err)
	}
}
