package executor

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// A location is a line of the user's code, as a report of a stall names it.
type location struct {
	line     string // file.go:123, or in parentheses why it is not known
	function string // pkg.Func, or "" if the line is not one line
}

func (l location) attrs() (attrs []slog.Attr) {
	if l.line != "" {
		attrs = append(attrs, slog.String("at", l.line))
	}
	if l.function != "" {
		attrs = append(attrs, slog.String("in", l.function))
	}
	return attrs
}

// A finding says where a stalled task is.
type finding struct {
	location
	stack  string // for a report at debug level
	isOver bool   // the task has gone on: nothing else is known
}

const (
	// maxStacksUnasked is how many goroutines there may be for runtime.Stack, which stops
	// the world for some microseconds for each of them.
	maxStacksUnasked = 500
	// maxProfile is how many there may be for the goroutine profile, which does not.
	maxProfile = 50_000
	// maxNamed is how many lines a report names if the task may be at any of them.
	maxNamed = 3
	// maxStack is the length of a stack in a report.
	maxStack = 16 << 10
)

// locate finds where stalled tasks are. It takes the stacks once for all of them. A task
// that has gone on by the time when they have been taken is not looked up in them: what
// its worker does then is another task's.
func (e *Executor) locate(stalls []stall) []finding {
	found := make([]finding, len(stalls))
	alive := false
	for i, s := range stalls {
		found[i].isOver = s.isOver()
		alive = alive || !found[i].isOver
	}
	if !alive {
		return found
	}
	look := newLookup()
	for i, s := range stalls {
		switch {
		case found[i].isOver:
		case s.isOver():
			found[i].isOver = true
		default:
			found[i] = look(s)
		}
	}
	return found
}

// newLookup takes the stacks of all goroutines. It returns a function that finds those of
// a stalled task in them.
func newLookup() func(stall) finding {
	switch n := runtime.NumGoroutine(); {
	case n <= maxStacksUnasked:
		all := takeStacks(maxStacksUnasked)
		return func(s stall) finding { return all.find(s) }
	case n <= maxProfile:
		p := profile{known: map[string]finding{}}
		p.take()
		return p.find
	default:
		none := finding{location: location{line: fmt.Sprintf("(not looked up: more than %d goroutines)", maxProfile)}}
		return func(stall) finding { return none }
	}
}

// find finds the stack of the goroutine that runs the stalled task.
func (all stacks) find(s stall) finding {
	stack := ""
	if f := s.task.fiber(); f != nil {
		stack = all.ofFiber(f)
	}
	if stack == "" {
		stack = all[uintptr(unsafe.Pointer(s.worker))]
	}
	return newFinding([]string{stack}, locateIn(framesOfStack(stack)))
}

// newFinding returns what is known of a task that is in one of some stacks, and at one of
// some lines.
func newFinding(stacks []string, at ...location) finding {
	slices.SortFunc(at, func(a, b location) int { return strings.Compare(a.line+a.function, b.line+b.function) })
	at = slices.DeleteFunc(slices.Compact(at), func(l location) bool { return l.line == "" })
	f := finding{stack: strings.Join(stacks, "\n\n")}
	if len(f.stack) > maxStack {
		f.stack = f.stack[:maxStack] + "…"
	}
	switch len(at) {
	case 0:
		f.line = "(no stack found)"
	case 1:
		f.location = at[0]
	default:
		var lines []string
		for _, l := range at[:min(len(at), maxNamed)] {
			lines = append(lines, l.line)
		}
		f.line = "one of " + strings.Join(lines, ", ")
		if more := len(at) - maxNamed; more > 0 {
			f.line += fmt.Sprintf(" and %d more", more)
		}
	}
	return f
}

// A profile is the goroutine profile. It does not say which goroutine is which: that of a
// task is one with the task's labels that runs a task's code, now.
type profile struct {
	running []string           // the stacks of goroutines that run a task's code
	known   map[string]finding // what was found, by the labels
}

func (p *profile) take() {
	var text strings.Builder
	_ = pprof.Lookup("goroutine").WriteTo(&text, 1)
	for stack := range strings.SplitSeq(text.String(), "\n\n") {
		if runsTask(stack) {
			p.running = append(p.running, stack)
		}
	}
}

// runsTask reports whether the stack is of a goroutine that runs a task's code. It is not
// if it is of a suspended task, or of a worker while the task runs on its coroutine.
func runsTask(stack string) bool {
	if strings.Contains(stack, "executor.(*fiber).run+") {
		return !strings.Contains(stack, "executor.(*coroutine).suspend+")
	}
	if !strings.Contains(stack, "executor.(*worker).run+") {
		return false
	}
	frames := framesOfProfile(stack)
	i := slices.IndexFunc(frames, func(f frame) bool { return !strings.HasPrefix(f.function, "iter.Pull[") })
	return i == 0 || !strings.HasSuffix(frames[i].function, "executor.(*worker).run")
}

func (p *profile) find(s stall) finding {
	var labels []string
	if k := s.worker.kind; k == ownWorker || k == spareWorker {
		labels = append(labels, strconv.Quote("executor")+":"+strconv.Quote(s.worker.exec.name))
	}
	if name := s.task.name(); name != "" {
		labels = append(labels, strconv.Quote("task")+":"+strconv.Quote(name))
	}
	key := strings.Join(labels, ", ")
	f, ok := p.known[key]
	if !ok {
		lacks := func(stack string) bool {
			return slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(stack, l) })
		}
		matching := slices.DeleteFunc(slices.Clone(p.running), lacks)
		var at []location
		for _, stack := range matching {
			at = append(at, locateIn(framesOfProfile(stack)))
		}
		f = newFinding(matching, at...)
		p.known[key] = f
	}
	return f
}

// A frame is one of a stack.
type frame struct {
	function string // with its import path
	file     string
	line     string
}

// framesOfStack reads the frames of a goroutine as runtime.Stack writes them, the
// innermost first.
func framesOfStack(stack string) (frames []frame) {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i++ {
		fn, place := lines[i], lines[i+1]
		if strings.HasPrefix(fn, "created by ") {
			break // none of it is code of the task's own
		}
		if !strings.HasPrefix(place, "\t") {
			continue // a line about frames that were left out
		}
		i++
		if j := strings.LastIndexByte(fn, '('); j > 0 {
			fn = fn[:j]
		}
		place, _, _ = strings.Cut(place[1:], " +0x")
		frames = append(frames, newFrame(fn, place))
	}
	return frames
}

// framesOfProfile reads the frames of a goroutine in a goroutine profile.
func framesOfProfile(stack string) (frames []frame) {
	for line := range strings.SplitSeq(stack, "\n") {
		fields := slices.DeleteFunc(strings.Split(line, "\t"), func(s string) bool { return s == "" })
		if len(fields) != 4 || fields[0] != "#" {
			continue
		}
		fn := fields[2]
		if j := strings.LastIndex(fn, "+0x"); j > 0 {
			fn = fn[:j]
		}
		frames = append(frames, newFrame(fn, fields[3]))
	}
	return frames
}

func newFrame(function, place string) frame {
	file, line := place, ""
	if i := strings.LastIndexByte(place, ':'); i > 0 {
		file, line = place[:i], place[i+1:]
	}
	return frame{function, file, line}
}

// locateIn returns the innermost frame that is neither the library's nor Go's own, or the
// innermost that is not the runtime's if there is none, or nothing.
func locateIn(frames []frame) location {
	i := slices.IndexFunc(frames, func(f frame) bool { return !f.isOurs() && !f.isStandard() })
	if i < 0 {
		i = slices.IndexFunc(frames, func(f frame) bool { return !strings.HasPrefix(f.function, "runtime.") })
	}
	if i < 0 {
		return location{}
	}
	f := frames[i]
	return location{line: filepath.Base(f.file) + ":" + f.line, function: f.function[strings.LastIndexByte(f.function, '/')+1:]}
}

func (f frame) isOurs() bool { return isOurs(f.function) || inLibrary(f.file+":"+f.line) }

// isStandard reports whether the frame is of the standard library.
func (f frame) isStandard() bool {
	if standardRoot != "" {
		return strings.HasPrefix(f.file, standardRoot)
	}
	first, _, _ := strings.Cut(f.file, "/")
	return !strings.Contains(first, ".") && first != mainModule() && !strings.HasPrefix(f.function, "main.")
}

// standardRoot is the directory of the standard library as stacks name it. It is "" in a
// program that was built with -trimpath: there a file begins with the path of its package,
// of which the first element has no dot in the standard library.
var standardRoot = func() string {
	file, _ := runtime.FuncForPC(reflect.ValueOf(strings.Cut).Pointer()).FileLine(reflect.ValueOf(strings.Cut).Pointer())
	return strings.TrimSuffix(file, "strings/strings.go")
}()

// mainModule returns the first element of the path of the program's own module.
func mainModule() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	first, _, _ := strings.Cut(info.Main.Path, "/")
	return first
}
