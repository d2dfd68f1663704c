package executor

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// Stacks of other goroutines come from runtime.Stack, as text. A goroutine that
// runs tasks has fiber.run or worker.loop near the bottom of its stack, and the
// runtime prints the receiver's address with it: that tells whose stack it is, and
// costs nothing until somebody asks. Both functions keep their receivers alive and
// are not inlined, so that there is an address to print. If a future version
// prints it no more, reports have no stack; nothing else depends on it.

// maxStacksAsked is how many goroutines there may be if a user asks for the places of
// tasks. The world stands still while stacks are taken, for some microseconds for each
// goroutine.
const maxStacksAsked = 10_000

// Stacks are the stacks of the goroutines that run tasks, by the addresses of the
// fibers and workers on them.
type stacks map[uintptr]string

// takeStacks returns the stacks, or none if there are too many goroutines.
func takeStacks(limit int) stacks {
	n := runtime.NumGoroutine()
	if n > limit {
		return nil
	}
	buf := make([]byte, 64<<10+n*4<<10) // enough, mostly: a second try is another stop
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	all := stacks{}
	for stack := range bytes.SplitSeq(buf, []byte("\n\n")) {
		all.add(string(stack))
	}
	return all
}

// add enters a goroutine's stack for each fiber and worker on it: code of a task
// that calls Run has several.
func (all stacks) add(stack string) {
	for _, frame := range []string{"executor.(*fiber).run(0x", "executor.(*worker).loop(0x"} {
		for rest := stack; ; {
			_, after, found := strings.Cut(rest, frame)
			if !found {
				break
			}
			rest = after
			hex, _, _ := strings.Cut(after, ")")
			if a, err := strconv.ParseUint(hex, 16, 64); err == nil {
				all[uintptr(a)] = stack
			}
		}
	}
}

// ofFiber returns the stack of a task's function.
func (all stacks) ofFiber(f *fiber) string { return all[uintptr(unsafe.Pointer(f))] }

// whereIn returns the innermost place of a stack that is not the library's: the
// function, and file and line.
func whereIn(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		fn := lines[i]
		if strings.HasPrefix(fn, "created by ") {
			break // none of it is code of the task's own
		}
		if isOurs(fn) || inLibrary(lines[i+1]) {
			continue
		}
		if j := strings.LastIndexByte(fn, '('); j > 0 {
			fn = fn[:j]
		}
		place := strings.TrimSpace(lines[i+1])
		if j := strings.LastIndex(place, " +0x"); j > 0 {
			place = place[:j]
		}
		return fn + " " + place
	}
	return ""
}

// root is the directory of the library's packages, as stacks name it.
var root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return strings.TrimSuffix(file, "executor/stacks.go")
}()

// inLibrary reports whether the second line of a frame is in a file of package
// future. A loop over one of its iterators is compiled into the function that
// ranges over it, and has that one's name.
func inLibrary(place string) bool {
	file, ok := strings.CutPrefix(strings.TrimSpace(place), root+"future/")
	name, _, _ := strings.Cut(file, ":")
	return ok && !strings.Contains(name, "/") && !strings.HasSuffix(name, "_test.go")
}

// isOurs reports whether a line of a stack is of a function of this library or
// the runtime's machinery below it.
func isOurs(fn string) bool {
	for _, p := range []string{
		"github.com/go-await/await/executor.",
		"github.com/go-await/await/future.",
		"github.com/go-await/await/oneshot.",
		"github.com/go-await/await/adapters/",
		"github.com/go-await/await/internal/",
		"iter.", "runtime.", "sync.", "internal/",
	} {
		if strings.HasPrefix(fn, p) {
			return true
		}
	}
	return false
}
