package executor

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

// Stacks of other goroutines come from runtime.Stack, as text. A goroutine that
// runs tasks has the loop of its coroutine or worker near the bottom of its
// stack, and the runtime prints the receiver's address with it: that tells which
// it is, and costs nothing until somebody asks. If a future version prints it no
// more, reports have no stack; nothing else depends on it.

// The world stands still while stacks are taken. They are not if there are more
// goroutines than these: about a tenth of a second's worth for somebody who asks,
// and some milliseconds' for a stall that nobody asked about.
const (
	maxStacksAsked   = 10_000
	maxStacksUnasked = 500
)

// A loopAddress is the address of a coroutine or a worker.
type loopAddress uintptr

// allStacks returns the stacks of the goroutines that run tasks, or none if there
// are too many.
func allStacks(limit int) map[loopAddress]string {
	stacks := map[loopAddress]string{}
	n := runtime.NumGoroutine()
	if n > limit {
		return stacks
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
	for g := range bytes.SplitSeq(buf, []byte("\n\n")) {
		if a, ok := findLoop(string(g)); ok {
			stacks[a] = string(g)
		}
	}
	return stacks
}

// findLoop finds the outermost loop in a goroutine's stack.
func findLoop(stack string) (loopAddress, bool) {
	for _, frame := range []string{"executor.(*coroutine).loop(0x", "executor.(*worker).loop(0x"} {
		i := strings.LastIndex(stack, frame)
		if i < 0 {
			continue
		}
		hex := stack[i+len(frame):]
		if end := strings.IndexAny(hex, ",?)"); end >= 0 {
			if a, err := strconv.ParseUint(hex[:end], 16, 64); err == nil {
				return loopAddress(a), true
			}
		}
	}
	return 0, false
}

// stackOf returns the stack of the goroutine on which w runs t.
func stackOf(w *worker, t *task) string {
	stacks := allStacks(maxStacksUnasked)
	if x := t.extra; x != nil && x.fiber != nil {
		// Which coroutine it is belongs to the worker, which is running: take
		// one whose stack says that it runs this very task.
		for _, s := range stacks {
			if strings.Contains(s, fmt.Sprintf("executor.(*fiber).run(%#x", uintptr(unsafe.Pointer(x.fiber)))) {
				return s
			}
		}
		return ""
	}
	return stacks[loopAddress(uintptr(unsafe.Pointer(w)))]
}

// whereIn returns the innermost place of a stack that is not the library's: the
// function, and file and line.
func whereIn(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		fn := lines[i]
		if isOurs(fn) {
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

// isOurs reports whether a line of a stack is of a function of this library or
// the runtime's machinery below it.
func isOurs(fn string) bool {
	for _, p := range []string{
		"github.com/go-await/await/executor.",
		"github.com/go-await/await/future.",
		"github.com/go-await/await/oneshot.",
		"github.com/go-await/await/internal/",
		"iter.", "runtime.", "sync.", "internal/",
	} {
		if strings.HasPrefix(fn, p) {
			return true
		}
	}
	return false
}
