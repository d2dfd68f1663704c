//go:build unix

package executor_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-await/await/executor"
)

// A process that was stopped, as that of a laptop which is closed, has not been computing
// meanwhile: none of its tasks has stalled.
func TestStoppedProcessHasNoStall(t *testing.T) {
	const child = "AWAIT_TEST_STOPPED"
	if os.Getenv(child) != "" {
		computeUntilTold()
		return
	}
	self := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	self.Env = append(os.Environ(), child+"=1")
	in, err := self.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := self.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "begun\n" {
		t.Errorf("the process printed %q, %v, want that it has begun", line, err)
	}
	for _, s := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		if err := self.Process.Signal(s); err != nil {
			t.Error(err)
		}
		time.Sleep(1500 * time.Millisecond) // longer than the threshold
	}
	_ = in.Close()
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Error(err)
	}
	if err := self.Wait(); err != nil {
		t.Errorf("the process ended with %v", err)
	}
	if s := string(rest); strings.Contains(s, "worker") || !strings.Contains(s, "ended") {
		t.Errorf("got %q, want that the task has ended, and no report of a stall", s)
	}
}

// computeUntilTold has a task compute, 300 ms at a time, until standard input ends.
func computeUntilTold() {
	log := slog.New(slog.NewTextHandler(os.Stdout, nil))
	e := executor.New(executor.WithWorkers(1), executor.WithLogger(log))
	ctx, cancel := context.WithCancel(context.Background())
	h := executor.Do(e, func(task context.Context) error {
		for round := 0; ctx.Err() == nil; round++ {
			for i := range 30 { // by no clock that goes on while the process is stopped
				for began := time.Now(); time.Since(began) < 10*time.Millisecond; {
				}
				if round == 0 && i == 9 { // the watch has seen it
					_, _ = os.Stdout.WriteString("begun\n")
				}
			}
			_ = executor.Yield(task)
		}
		_, _ = os.Stdout.WriteString("ended\n")
		return nil
	})
	_, _ = io.Copy(io.Discard, os.Stdin)
	cancel()
	for !h.Done() {
		time.Sleep(time.Millisecond)
	}
	_ = e.Close()
}
