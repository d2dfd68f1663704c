package interleave

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/go-await/await/internal/gid"
)

// An execution is one run of a program.
//
// # Rules
//
//  1. One goroutine holds the token: it runs, and everything here belongs to it.
//     It hands the token to another one and then only waits to get it back.
//  2. A goroutine without the token has ended, waits for one that it starts, or
//     is about to make a step, and its gate says whether it could. The first
//     step of an alarm is to begin.
//  3. Once ending is set no more steps are chosen. Whoever gets the token then
//     unwinds by Goexit and passes it on when it has ended; the last one says
//     that the run is over. Deferred functions of the code under test run meanwhile, one
//     goroutine at a time, and their operations are no steps and never block.
type execution struct {
	run        uint64 // number, never 0
	chooser    chooser
	holder     atomic.Uintptr // the gid of the goroutine with the token
	current    *goroutine     // the same goroutine
	goroutines []*goroutine
	enabled    []int // of the latest choice
	order      []byte
	plain      map[unsafe.Pointer]*location
	tracer     *tracer // nil if the run is not traced
	ending     bool
	failure    *Failure
	crew       *crew
	numbered   []gid.ID // goroutines, coroutines among them, by their numbers
}

// A chooser decides who makes the next step. x.enabled has the ids of those that
// can, in order. It returns one of them, or -1 to end the run here.
type chooser interface {
	choose(x *execution) int
}

var (
	// running is the execution that is going on. There is one at a time.
	running atomic.Pointer[execution]
	// runs counts them.
	runs atomic.Uint64
)

// execute runs the program once.
func (c *crew) execute(program func(*Model), choose chooser, traced bool) *execution {
	x := &execution{run: runs.Add(1), chooser: choose, crew: c}
	if traced {
		x.tracer = new(tracer)
	}
	running.Store(x)
	defer running.Store(nil)
	var main *goroutine
	main = x.add("main", func() {
		program(&Model{x})
		main.join()
	})
	main.hand()
	<-c.over
	c.rest(x.goroutines)
	return x
}

// add makes a goroutine that has not begun.
func (x *execution) add(name string, body func()) *goroutine {
	if len(x.goroutines) == maxGoroutines {
		panic(fmt.Sprintf("interleave: a model has at most %d goroutines", maxGoroutines))
	}
	g := &goroutine{exec: x, id: len(x.goroutines), name: name, body: body}
	g.clock[g.id] = 1
	x.goroutines = append(x.goroutines, g)
	return g
}

// next chooses who makes the next step. It returns nil if the run ends here.
func (x *execution) next() *goroutine {
	x.enabled = x.enabled[:0]
	blocked := false
	for _, g := range x.goroutines {
		switch {
		case g.ended:
		case g.gate == nil || g.gate.open():
			x.enabled = append(x.enabled, g.id)
		default:
			blocked = true
		}
	}
	switch {
	case len(x.enabled) == 0:
		if blocked {
			x.report(Deadlock, "every goroutine that is left is blocked%s", x.blocked())
		}
		x.ending = true
		return nil
	case len(x.order) >= maxSteps:
		x.report(Livelock, "the program has not ended after %d steps", maxSteps)
		return nil
	}
	id := x.chooser.choose(x)
	if id < 0 {
		x.ending = true
		return nil
	}
	x.order = append(x.order, byte(id))
	return x.goroutines[id]
}

// last returns the id of the goroutine that made the latest step if it can make
// another one, and otherwise -1.
func (x *execution) last() int {
	if n := len(x.order); n > 0 {
		last := int(x.order[n-1])
		for _, id := range x.enabled {
			if id == last {
				return last
			}
		}
	}
	return -1
}

// hash identifies the state: what happened, regardless of the order in which
// independent steps were made.
func (x *execution) hash() uint64 {
	var h uint64
	for _, g := range x.goroutines {
		h = mix(h, g.hash)
	}
	return h
}

// report ends the run with a failure. The caller still holds the token.
func (x *execution) report(kind Kind, format string, args ...any) {
	if x.failure == nil {
		x.failure = newFailure(kind, x.order, fmt.Sprintf(format, args...))
	}
	x.ending = true
}

// fail is report by a goroutine that cannot go on.
func (x *execution) fail(kind Kind, format string, args ...any) {
	x.report(kind, format, args...)
	runtime.Goexit()
}

// blocked tells where each goroutine that is left is blocked.
func (x *execution) blocked() string {
	s := ""
	for _, g := range x.goroutines {
		if !g.ended && g.step != nil {
			s += fmt.Sprintf("\n\t%s in %s at %s", g.name, g.step.Op, g.step.Pos())
		}
	}
	return s
}

// current returns the model's goroutine that is calling, or nil if the caller is
// outside any model.
func current() *goroutine {
	x := running.Load()
	if x == nil || x.holder.Load() != uintptr(gid.Current()) && !inCoroutine() {
		return nil
	}
	return x.current
}

// Goroutine returns a number of the calling goroutine or coroutine, which no other
// that lives has. In a model it is the next one at the first call, so that it is
// the same in every run. Elsewhere it is gid.Current.
func Goroutine() gid.ID {
	id := gid.Current()
	g := current()
	if g == nil {
		return id
	}
	x := g.exec
	i := slices.Index(x.numbered, id)
	if i < 0 {
		i = len(x.numbered)
		x.numbered = append(x.numbered, id)
	}
	return gid.ID(i + 1)
}

// inCoroutine reports whether the caller is a coroutine of iter.Pull. One that
// runs has been resumed by the goroutine with the token, since no other runs.
func inCoroutine() bool {
	pcs := make([]uintptr, 64)
	n := runtime.Callers(0, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 2*n)
		n = runtime.Callers(0, pcs)
	}
	for _, pc := range pcs[:n] {
		if f := runtime.FuncForPC(pc); f != nil && f.Name() == "runtime.corostart" {
			return true
		}
	}
	return false
}
