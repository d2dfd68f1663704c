//go:build unix

package main

import (
	"bufio"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

// An interrupt ends an executor that has more tasks to spawn than will ever end.
func TestInterrupt(t *testing.T) {
	for _, name := range []string{"mini", "eventloop"} {
		cmd := program.Command(t, "-only", name, "-tasks", "1000000000")
		stdout, stderr, status := program.Interrupt(t, cmd, func(stdout *bufio.Reader) {
			if begin, err := stdout.ReadString(':'); !strings.HasPrefix(begin, name+" ") {
				t.Errorf("got %q, %v", begin, err)
			}
		})
		if status != 130 || stdout != " \n" || stderr != "executors: interrupted\n" {
			t.Errorf("%s: status %d, %q, %q", name, status, stdout, stderr)
		}
	}
}
