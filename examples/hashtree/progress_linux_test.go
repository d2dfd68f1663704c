package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/examples/internal/terminal"
)

// On a terminal the progress is drawn, cut to its width, and removed in the end.
func TestProgress(t *testing.T) {
	user, program := terminal.Open(t)
	terminal.SetColumns(t, program, 50)
	dir := t.TempDir()
	write(t, dir, "huge", "")
	if err := os.Truncate(dir+"/huge", 1<<40); err != nil {
		t.Skip("no files with holes here:", err)
	}
	cmd := command(t, dir, ".")
	var stdout strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, program
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	watchdog := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer watchdog.Stop()
	var seen strings.Builder
	interrupted := false
	for buf := make([]byte, 1000); ; {
		n, err := user.Read(buf)
		seen.Write(buf[:n])
		if !interrupted && strings.Count(seen.String(), "\x1b[K") >= 2 { // it draws again and again
			interrupted = true
			cmd.Process.Signal(os.Interrupt)
		}
		if err != nil { // the program has ended
			break
		}
	}
	io.Copy(&seen, user)
	cmd.Wait()
	frames := strings.Split(seen.String(), "\r")
	if bar := "[" + strings.Repeat("-", 30) + "] 0 of 1 files, "; len(frames) < 4 || !strings.HasPrefix(frames[1], bar) {
		t.Errorf("got %q, want %q first", frames, bar)
	}
	if end := "\r\x1b[Khashtree: interrupted\r\n"; !strings.HasSuffix(seen.String(), end) {
		t.Errorf("got %q, want %q in the end", seen.String(), end)
	}
	for _, f := range frames {
		if text, drawn := strings.CutSuffix(f, "\x1b[K"); drawn && len(text) >= 50 {
			t.Errorf("wider than the terminal: %q", text)
		}
	}
}

// A line that is as wide as the terminal would make it go on to the next one.
func TestWidth(t *testing.T) {
	user, program := terminal.Open(t)
	defer program.Close()
	terminal.SetColumns(t, program, 50)
	c := newConsole(program)
	for _, n := range []int{49, 50, 51} {
		c.draw(strings.Repeat("x", n))
		buf := make([]byte, 100)
		got, err := user.Read(buf)
		if want := "\r" + strings.Repeat("x", 49) + "\x1b[K"; err != nil || string(buf[:got]) != want {
			t.Errorf("%d wide: got %q, %v", n, buf[:got], err)
		}
	}
}
