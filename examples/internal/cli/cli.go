// Package cli reads the command lines of the examples and makes what they print
// safe for a terminal.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Help is what a program says of its own use.
type Help struct {
	Usage string // a line, without "usage: "
	About string // what the program does, for -h; ends with a newline
}

// Parse reads args with flags, whose name is that of the program, and then calls
// check, which returns what is wrong with the values. After -h it prints the help
// on stderr and returns [flag.ErrHelp]. After a mistake it prints the program's
// name, the mistake and the usage on stderr, a line each for the mistake and the
// usage, and returns the mistake.
func (h Help) Parse(flags *flag.FlagSet, args []string, stderr io.Writer, check func() error) error {
	flags.SetOutput(io.Discard) // the package flag would print all flags after each mistake
	err := flags.Parse(args)
	if err == nil {
		err = check()
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stderr, "usage: %s\n\n%s\n", h.Usage, h.About)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
	case err != nil:
		h.Mistake(stderr, flags.Name(), err)
	}
	return err
}

// Mistake prints what is wrong with the use of a program, and its usage.
func (h Help) Mistake(stderr io.Writer, program string, err error) {
	fmt.Fprintf(stderr, "%s: %s\nusage: %s\n", program, Visible(err.Error()), h.Usage)
}

// Visible returns s with Go's escapes in place of what a terminal does not print:
// control characters, newlines included, and bytes that are not UTF-8. What came
// from outside can then neither move the cursor nor look like a line of its own.
func Visible(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if strconv.IsPrint(r) && (r != utf8.RuneError || n > 1) {
			b.WriteString(s[:n])
		} else {
			quoted := strconv.Quote(s[:n])
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[n:]
	}
	return b.String()
}
