package main

import (
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-await/await/examples/internal/program"
)

func TestMain(m *testing.M) { program.Main(m, main) }

const all = `mini       1000 tasks on 2 goroutines that share a channel: sum of squares 332833500, in TIME
priority   the most urgent of 5 tasks first, and of equals the older: keystroke 9, alarm 9, mail 3, report 0, index 0, in TIME
serial     1000 tasks on 2 goroutines, those of one of 3 accounts one after the other: balances [111277611 110611611 110944278], in TIME
eventloop  1000 tasks in the idle callback of a loop, at most 16 a frame: sum of squares 332833500, N frames, in TIME
`

var (
	times  = regexp.MustCompile(`, in (\d[\d.mµs]*s)\n`)
	frames = regexp.MustCompile(`\d+ frames`)
)

// timeless is what was printed without what differs from run to run. A time that is
// no duration stays.
func timeless(printed string) string {
	printed = times.ReplaceAllStringFunc(printed, func(s string) string {
		if d, err := time.ParseDuration(times.FindStringSubmatch(s)[1]); err != nil || d <= 0 {
			return s
		}
		return ", in TIME\n"
	})
	return frames.ReplaceAllString(printed, "N frames")
}

// A run leaves nothing behind, goleak looks, and one that fails goes no further.
func TestRun(t *testing.T) {
	var out, errs strings.Builder
	if status := run(t.Context(), nil, &out, &errs); status != statusOK || timeless(out.String()) != all || errs.Len() > 0 {
		t.Errorf("status %d, %q, %q", status, &out, &errs)
	}
	out.Reset()
	show := shows[0].show
	defer func() { shows[0].show = show }()
	shows[0].show = func(context.Context, io.Writer, int) error { return io.ErrNoProgress }
	if status := run(t.Context(), nil, &out, &errs); status != statusFailed || out.String() != "mini       \n" || errs.String() != "executors: mini: "+io.ErrNoProgress.Error()+"\n" {
		t.Errorf("status %d, %q, %q", status, &out, &errs)
	}
}

func TestUse(t *testing.T) {
	for _, tt := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{nil, statusOK, all, ""},
		{[]string{"-only", "mini", "-tasks", "3"}, statusOK, "mini       3 tasks on 2 goroutines that share a channel: sum of squares 5, in TIME\n", ""},
		{[]string{"-only", "eventloop", "-tasks", "0"}, statusOK, "eventloop  0 tasks in the idle callback of a loop, at most 16 a frame: sum of squares 0, N frames, in TIME\n", ""},
		{[]string{"-h"}, statusOK, "", "usage: executors"},
		{[]string{"-h"}, statusOK, "", "-tasks N"},
	} {
		stdout, stderr, status := program.Run(t, program.Command(t, tt.args...))
		if status != tt.status || timeless(stdout) != tt.stdout || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
			t.Errorf("%v: status %d, %q, %q, want %d, %q and %q", tt.args, status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
		}
		if told := strings.Contains(stderr, "usage: executors"); told != (tt.stderr != "") {
			t.Errorf("%v: the usage is told: %v", tt.args, told)
		}
	}
}

// A usage error prints the message and the usage, a line each, and the status is 2.
func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args    []string
		message string
	}{
		{[]string{"-only", "nosuch"}, `there is no executor "nosuch"`},
		{[]string{"-tasks", "-1"}, "must not be negative"},
		{[]string{"now"}, `what is "now"?`},
		{[]string{"-\x1b[2J"}, `-\x1b[2J`},
	} {
		program.Misuse(t, program.Command(t, tt.args...), "executors", tt.message)
	}
}
