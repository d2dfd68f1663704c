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

func TestInterrupt(t *testing.T) {
	cmd := command(t, "-transfers", "1000000000")
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
	if l, err := lines.ReadString('\n'); err != nil {
		t.Errorf("got %q, %v", l, err)
	}
	cmd.Process.Signal(os.Interrupt)
	rest, _ := io.ReadAll(lines)
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != statusInterrupted || len(rest) > 0 || stderr.String() != "actor: interrupted\n" {
		t.Errorf("status %d, %q, %q", got, rest, stderr.String())
	}
}
