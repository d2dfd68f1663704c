//go:build unix

package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
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
		second, _ := stdout.ReadString('\n')
		debug, ok := strings.CutPrefix(strings.TrimSpace(second), "and   http://127.0.0.1:")
		if !ok || !strings.HasSuffix(debug, "/debug/") {
			t.Fatalf("and then %q", second)
		}
		defer http.DefaultClient.CloseIdleConnections()
		const want = `{"quotes":[{"symbol":"A","cents":18413},{"symbol":"B","cents":51270},{"symbol":"C","cents":73651}]}` + "\n"
		if status, body := getString(t, url); status != http.StatusOK || body != want {
			t.Errorf("got %d %s, want %s", status, body, want)
		}
		// Without coalescing it would take two quorums.
		getString(t, base+"/quote?symbols=SAME,SAME,SAME,SAME")
		_, page := getString(t, "http://127.0.0.1:"+debug)
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

// Whatever a client sends with its question, the temporary folder gets none of it.
func TestNothingIsWrittenToTheTemporaryFolder(t *testing.T) {
	dir := t.TempDir()
	cmd := program.Command(t, "-addr", "127.0.0.1:0")
	cmd.Env = append(cmd.Env, "TMPDIR="+dir)
	_, stderr, status := program.Interrupt(t, cmd, func(stdout *bufio.Reader) {
		first, _ := stdout.ReadString('\n')
		url := strings.TrimPrefix(strings.TrimSpace(first), "try   http://")
		c, err := net.Dial("tcp", url[:strings.Index(url, "/")])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /quote HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n"+
			"--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n")
		for range 60 {
			if _, err := c.Write(make([]byte, 1<<20)); err != nil {
				break // it has had enough
			}
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("got %v, %v", files, err)
		}
	})
	if status != 0 || stderr != "" {
		t.Errorf("status %d, %q", status, stderr)
	}
}
