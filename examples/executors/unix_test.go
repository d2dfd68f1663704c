//go:build unix

package main

import (
	"bufio"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// An interrupt ends an executor that has more tasks to spawn than will ever end.
func TestInterrupt(t *testing.T) {
	for _, name := range []string{"mini", "eventloop"} {
		cmd := command(t, "-only", name, "-tasks", "1000000000")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
		defer watchdog.Stop()
		lines := bufio.NewReader(stdout)
		if begin, err := lines.ReadString(','); !strings.HasPrefix(begin, name+": ") {
			t.Errorf("got %q, %v", begin, err)
		}
		cmd.Process.Signal(os.Interrupt)
		rest, _ := io.ReadAll(lines)
		cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != statusInterrupted || string(rest) != " \n" || stderr.String() != "executors: interrupted\n" {
			t.Errorf("%s: status %d, %q, %q", name, got, rest, stderr.String())
		}
	}
}
