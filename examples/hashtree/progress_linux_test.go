package main

import (
	"io"
	"os"
	"regexp"
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
	if bar := regexp.MustCompile(`^\[-+\] \d+ of 1099512 MB, \d+ MB/s\x1b\[K$`); len(frames) < 4 || !bar.MatchString(frames[1]) {
		t.Errorf("got %q, want %v first", frames, bar)
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

// A terminal is shown names, in a list and in verdicts, and obeys none of them. A
// file gets them as they are.
func TestNamesOnATerminal(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "e\x1b[2J", "1")
	write(t, dir, "list", sha256Line("1", "e\x1b[2J"))
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"e\x1b[2J"}, strings.Replace(sha256Line("1", `e\x1b[2J`), "\n", "\r\n", 1)},
		{[]string{"-check", "list"}, `e\x1b[2J: OK` + "\r\n"},
	} {
		user, tty := terminal.Open(t)
		cmd := command(t, dir, tt.args...)
		cmd.Stdout = tty
		cmd.Run()
		tty.Close()
		seen, _ := io.ReadAll(user) // the error says that the program has ended
		if string(seen) != tt.want {
			t.Errorf("%q: got %q, want %q", tt.args, seen, tt.want)
		}
	}
}
