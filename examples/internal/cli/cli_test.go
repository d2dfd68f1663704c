package cli_test

import (
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/go-await/await/examples/internal/cli"
)

// A usage error prints the message and the usage, a line each. -h prints the whole help.
func TestParse(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
		err  bool
	}{
		{[]string{"-n", "1"}, "", false},
		{[]string{"-n", "0"}, "prog: -n must be positive\nusage: prog [flags]\n", true},
		{[]string{"-n", "x\x1b[2J"}, "prog: invalid value \"x\\x1b[2J\" for flag -n: parse error\nusage: prog [flags]\n", true},
		{[]string{"-\x1b[2J"}, "prog: flag provided but not defined: -\\x1b[2J\nusage: prog [flags]\n", true},
		{[]string{"-h"}, "usage: prog [flags]\n\nCounts.\n\n  -n N\n    \tcount to N (default 3)\n", true},
	} {
		var stderr strings.Builder
		flags := flag.NewFlagSet("prog", flag.ContinueOnError)
		n := flags.Int("n", 3, "count to `N`")
		err := cli.Help{Usage: "prog [flags]", About: "Counts.\n"}.Parse(flags, tt.args, &stderr, func() error {
			if *n < 1 {
				return errors.New("-n must be positive")
			}
			return nil
		})
		if got := stderr.String(); got != tt.want || (err != nil) != tt.err {
			t.Errorf("%q: got %v and %q, want %q", tt.args, err, got, tt.want)
		}
		if help := errors.Is(err, flag.ErrHelp); help != (tt.args[0] == "-h") {
			t.Errorf("%q: got %v", tt.args, err)
		}
	}
}

func TestVisible(t *testing.T) {
	for _, tt := range []struct{ in, want, reason string }{
		{"", "", "nothing"},
		{`dir/été "x" \`, `dir/été "x" \`, "it is seen as it is"},
		{"a\nb\r\tc", `a\nb\r\tc`, "a message is a line"},
		{"\x1b[31mred", `\x1b[31mred`, "no colors"},
		{"bad\xff\u009b", `bad\xff\u009b`, "not UTF-8, and a control character that is"},
		{"\u202etxt.exe", `\u202etxt.exe`, "not from right to left"},
		{"\ufffd", "\ufffd", "the replacement character itself"},
	} {
		if got := cli.Visible(tt.in); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.reason, got, tt.want)
		}
	}
}
