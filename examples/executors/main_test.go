package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

func TestMain(m *testing.M) { program.Main(m, main) }

const all = `mini: 1000 tasks on 2 goroutines, sum of squares 332833500
priority: [keystroke alarm mail report index]
serial: 1000 tasks for 3 accounts, balances [111277611 110611611 110944278]
eventloop: 1000 tasks between the frames, sum of squares 332833500
`

// A run leaves nothing behind, goleak looks, and one that fails goes no further.
func TestRun(t *testing.T) {
	var out, errs strings.Builder
	if status := run(t.Context(), nil, &out, &errs); status != statusOK || out.String() != all || errs.Len() > 0 {
		t.Errorf("status %d, %q, %q", status, &out, &errs)
	}
	out.Reset()
	show := shows[0].show
	defer func() { shows[0].show = show }()
	shows[0].show = func(context.Context, io.Writer, int) error { return io.ErrNoProgress }
	if status := run(t.Context(), nil, &out, &errs); status != statusFailed || out.String() != "\n" || errs.String() != "executors: mini: "+io.ErrNoProgress.Error()+"\n" {
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
		{[]string{"-only", "mini", "-tasks", "3"}, statusOK, "mini: 3 tasks on 2 goroutines, sum of squares 5\n", ""},
		{[]string{"-only", "eventloop", "-tasks", "0"}, statusOK, "eventloop: 0 tasks between the frames, sum of squares 0\n", ""},
		{[]string{"-h"}, statusOK, "", "usage: executors"},
		{[]string{"-h"}, statusOK, "", "-tasks N"},
	} {
		stdout, stderr, status := program.Run(t, program.Command(t, tt.args...))
		if status != tt.status || stdout != tt.stdout || !strings.Contains(stderr, tt.stderr) || tt.stderr == "" && stderr != "" {
			t.Errorf("%v: status %d, %q, %q, want %d, %q and %q", tt.args, status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
		}
		if told := strings.Contains(stderr, "usage: executors"); told != (tt.stderr != "") {
			t.Errorf("%v: the usage is told: %v", tt.args, told)
		}
	}
}

// A wrong use is told in two lines, whatever it is.
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
