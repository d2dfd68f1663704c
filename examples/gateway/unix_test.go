//go:build unix

package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

// The program serves as the README says, and an interrupt ends it.
func TestServeAndInterrupt(t *testing.T) {
	cmd := program.Command(t, "-addr", "127.0.0.1:0", "-delay", "1ms")
	stdout, stderr, status := program.Interrupt(t, cmd, func(stdout *bufio.Reader) {
		first, _ := stdout.ReadString('\n')
		url, ok := strings.CutPrefix(strings.TrimSpace(first), "try   ")
		if !ok {
			t.Fatalf("it said %q", first)
		}
		base := strings.TrimSuffix(url, "/quote?symbols=A,B,C")
		if second, _ := stdout.ReadString('\n'); second != "and   "+base+"/debug/\n" {
			t.Errorf("and then %q", second)
		}
		defer http.DefaultClient.CloseIdleConnections()
		const want = `{"quotes":[{"symbol":"A","cents":18413},{"symbol":"B","cents":51270},{"symbol":"C","cents":73651}]}` + "\n"
		if status, body := getString(t, url); status != http.StatusOK || body != want {
			t.Errorf("got %d %s, want %s", status, body, want)
		}
		// Without coalescing it would take two quorums.
		getString(t, base+"/quote?symbols=SAME,SAME,SAME,SAME")
		_, page := getString(t, base+"/debug/")
		var calls int
		if _, err := fmt.Sscanf(page[strings.Index(page, "calls of backends"):], "calls of backends: %d", &calls); err != nil || calls < 4*3 || calls > 4*5 {
			t.Errorf("%d calls, %v, want 5 for each symbol or less", calls, err)
		}
	})
	if status != 0 || stdout != "stopped\n" || stderr != "" {
		t.Errorf("after the interrupt: status %d, %q, %q", status, stdout, stderr)
	}
}

// A load test that is interrupted says so.
func TestInterruptedLoad(t *testing.T) {
	cmd := program.Command(t, "-load", "1000000000", "-delay", "1ms")
	stdout, stderr, status := program.Interrupt(t, cmd, func(stdout *bufio.Reader) {
		if l, err := stdout.ReadString('\n'); err != nil {
			t.Errorf("got %q, %v", l, err)
		}
	})
	if status != 130 || stdout != "\n" || stderr != "gateway: interrupted\n" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}
