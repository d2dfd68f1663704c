package interleave

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"
)

// A Step is a step of an execution, or an access to plain memory between two
// steps.
type Step struct {
	Number    int    // from 1; 0 if it is an access to plain memory
	Goroutine string // its letter in the schedule, and its name
	Op        string // with arguments and result
	Func      string // of the code under test
	File      string
	Line      int
}

// Pos returns the line of the code under test, with the file's directory.
func (s *Step) Pos() string {
	dir, file := filepath.Split(s.File)
	return fmt.Sprintf("%s:%d", filepath.Join(filepath.Base(dir), file), s.Line)
}

// format writes steps, one per line.
func format(steps []Step) string {
	var b strings.Builder
	for _, s := range steps {
		number := "·"
		if s.Number > 0 {
			number = fmt.Sprint(s.Number)
		}
		fmt.Fprintf(&b, "%4s  %-12s  %-44s  %s %s\n", number, s.Goroutine, s.Op, s.Pos(), s.Func)
	}
	return b.String()
}

// A tracer records the steps of an execution.
type tracer struct {
	trace []*Step
	count int
	names map[unsafe.Pointer]string
}

// step returns a step of g that is called op, with the line of the caller that
// is neither in this package nor in the seam that leads to it.
func (t *tracer) step(g *goroutine, op string) *Step {
	s := &Step{Goroutine: fmt.Sprintf("%c %s", 'a'+g.id, g.name), Op: op}
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); !isSeam(f.Function) {
			s.Func = f.Function[strings.LastIndexByte(f.Function, '/')+1:]
			s.File, s.Line = f.File, f.Line
			break
		}
	}
	return s
}

func isSeam(function string) bool {
	return strings.Contains(function, "/interleave.") || strings.Contains(function, "/atomics.")
}

// append adds a step that is made now.
func (t *tracer) append(s *Step) {
	t.count++
	s.Number = t.count
	t.trace = append(t.trace, s)
}

func (t *tracer) steps() []Step {
	steps := make([]Step, len(t.trace))
	for i, s := range t.trace {
		steps[i] = *s
	}
	return steps
}

// name makes p appear as name.
func (t *tracer) name(p unsafe.Pointer, name string) {
	if t.names == nil {
		t.names = make(map[unsafe.Pointer]string)
	}
	t.names[p] = name
}

// pointer returns what p appears as.
func (t *tracer) pointer(p unsafe.Pointer) string {
	if p == nil {
		return "nil"
	}
	if t.names[p] == "" {
		t.name(p, fmt.Sprintf("p%d", len(t.names)+1))
	}
	return t.names[p]
}
