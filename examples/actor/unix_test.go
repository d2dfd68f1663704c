//go:build unix

package main

import (
	"bufio"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

func TestInterrupt(t *testing.T) {
	cmd := program.Command(t, "-transfers", "1000000000")
	stdout, stderr, status := program.Interrupt(t, cmd, func(stdout *bufio.Reader) {
		if l, err := stdout.ReadString('\n'); err != nil {
			t.Errorf("got %q, %v", l, err)
		}
	})
	if status != 130 || stdout != "" || stderr != "actor: interrupted\n" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}
