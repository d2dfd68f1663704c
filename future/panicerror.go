package future

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
)

// A PanicError is the result of a function that panicked.
//
// Error is one line. The format %+v adds the stack on the lines after it, and a log of
// package slog has value and stack as attributes. Both leave out the frames of the
// runtime's panic and of this module, which are in Stack.
type PanicError struct {
	Value any    // what panic was called with
	Stack []byte // the panicking goroutine's stack, as debug.Stack formats it, whole
}

// Error returns "panic: " and the value, as fmt.Sprint formats it, in one line: its
// line ends and other control characters are escaped as in a Go string, as \n. A
// PanicError that was panicked with is not named twice.
func (e *PanicError) Error() string {
	e = e.first()
	if e == nil {
		return "panic: nil *PanicError"
	}
	return "panic: " + oneLine(fmt.Sprint(e.Value))
}

// first is the PanicError that e carries, if its value is one, and otherwise e.
func (e *PanicError) first() *PanicError {
	for e != nil {
		inner, ok := e.Value.(*PanicError)
		if !ok || inner == nil {
			break
		}
		e = inner
	}
	return e
}

// Unwrap returns the panic's value if that is an error, and nil otherwise.
func (e *PanicError) Unwrap() error {
	if e == nil {
		return nil
	}
	err, _ := e.Value.(error)
	return err
}

// Format is that of a [fmt.Formatter]: %+v is the line of Error, an empty line and the
// stack. Any other verb formats the line.
func (e *PanicError) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('+') {
		_, _ = io.WriteString(s, e.Error())
		if first := e.first(); first != nil && len(first.Stack) > 0 {
			_, _ = io.WriteString(s, "\n\n"+trimStack(string(first.Stack)))
		}
		return
	}
	_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), e.Error())
}

// LogValue is that of a [slog.LogValuer]: a group of the attributes value and stack.
func (e *PanicError) LogValue() slog.Value {
	e = e.first()
	if e == nil {
		return slog.StringValue(e.Error())
	}
	return slog.GroupValue(slog.Any("value", e.Value), slog.String("stack", trimStack(string(e.Stack))))
}

// oneLine escapes what would end a line, or move in it.
func oneLine(s string) string {
	if strings.IndexFunc(s, movesInLine) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if movesInLine(r) {
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func movesInLine(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}

// trimStack leaves out of a stack, in the format of debug.Stack, the frames that say
// nothing about the panic. It leaves a stack of nothing else as it is.
func trimStack(stack string) string {
	lines := strings.Split(strings.TrimRight(stack, "\n"), "\n")
	var kept []string
	frames := 0
	for i := 0; i < len(lines); i++ {
		if i+1 == len(lines) || !strings.HasPrefix(lines[i+1], "\t") {
			kept = append(kept, lines[i]) // the goroutine, or how many frames are not shown
			continue
		}
		if !isMachinery(lines[i], lines[i+1]) {
			kept = append(kept, lines[i], lines[i+1])
			frames++
		}
		i++
	}
	if frames == 0 {
		return stack
	}
	return strings.Join(kept, "\n") + "\n"
}

// module is where this module's packages are.
const module = "github.com/go-await/await/"

// isMachinery reports whether a frame is of the runtime or of this module. The
// module's tests and examples are users.
func isMachinery(call, file string) bool {
	call = strings.TrimPrefix(call, "created by ")
	call, _, _ = strings.Cut(call, "(") // not those of the arguments, or of a pointer
	slash := strings.LastIndex(call, "/") + 1
	name, _, _ := strings.Cut(call[slash:], ".")
	file, _, _ = strings.Cut(file, ":")
	switch pkg := call[:slash] + name; pkg {
	case "panic", "runtime", "runtime/debug", "iter":
		return true
	default:
		return strings.HasPrefix(pkg, module) && !strings.HasPrefix(pkg, module+"examples/") &&
			!strings.HasSuffix(pkg, "_test") && !strings.HasSuffix(file, "_test.go")
	}
}
