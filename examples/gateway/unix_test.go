//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// The program serves as the README says, and an interrupt ends it once the open
// request has its answer.
func TestServeAndInterrupt(t *testing.T) {
	cmd := command(t, "-addr", "127.0.0.1:0", "-delay", "1ms")
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
	first, _ := lines.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(first), "try   ")
	if !ok {
		t.Fatalf("it said %q", first)
	}
	base := strings.TrimSuffix(url, "/quote?symbols=A,B,C")
	if second, _ := lines.ReadString('\n'); second != "and   "+base+"/debug/\n" {
		t.Errorf("and then %q", second)
	}
	defer http.DefaultClient.CloseIdleConnections()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if want := `{"quotes":[{"symbol":"A","cents":18413},{"symbol":"B","cents":51270},{"symbol":"C","cents":73651}]}` + "\n"; string(body) != want {
		t.Errorf("got %s, want %s", body, want)
	}
	cmd.Process.Signal(os.Interrupt)
	rest, _ := io.ReadAll(lines)
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != statusOK || string(rest) != "stopped\n" || stderr.Len() > 0 {
		t.Errorf("after the interrupt: status %d, %q, %q", got, rest, stderr.String())
	}
}

// A load test that is interrupted says so.
func TestInterruptedLoad(t *testing.T) {
	cmd := command(t, "-load", "1000000000", "-delay", "1ms")
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
	if got := cmd.ProcessState.ExitCode(); got != statusInterrupted || stderr.String() != "gateway: interrupted\n" || string(rest) != "\n" {
		t.Errorf("status %d, %q, %q", got, rest, stderr.String())
	}
}
