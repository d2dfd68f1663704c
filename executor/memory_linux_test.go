//go:build !race && !delay && !interleave

package executor_test

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/oneshot"
)

// A million tasks that wait, each with its oneshot and handle, are resolved and
// joined within 400 MB of memory, as the system counts it.
func TestMillionMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a process for a million tasks")
	}
	if mb := millionMemory(t); mb > 400 {
		t.Errorf("it took %.0f MB", mb)
	} else {
		t.Logf("it took %.0f MB", mb)
	}
}

// BenchmarkMillion is the same, for the time that it takes with its process, and
// the memory.
func BenchmarkMillion(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(millionMemory(b), "RSS-MB")
	}
}

// TestMillionInProcess is the process.
func TestMillionInProcess(t *testing.T) {
	if os.Getenv(processVariable) == "" {
		t.Skip("for TestMillionMemory")
	}
	e := executor.New(quiet)
	defer e.Close()
	million(t, e, 1_000_000, func(rx *oneshot.Receiver[int]) *executor.Handle[int] {
		return executor.Spawn(e, rx)
	})
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", peak.Find(status))
}

// peak matches the most resident memory that a process has had. The system's count
// for a child that has ended includes what its parent had when it was started.
var peak = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// millionMemory returns the most memory that the process has had, in MB.
func millionMemory(tb testing.TB) float64 {
	cmd := exec.Command(os.Args[0], "-test.run=^TestMillionInProcess$", "-test.v", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), processVariable+"=1")
	out, err := cmd.CombinedOutput()
	found := peak.FindSubmatch(out)
	if err != nil || found == nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	kb, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		tb.Fatal(err)
	}
	return kb / 1024
}
