package interleave

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"unsafe"

	"github.com/go-await/await/internal/gid"
)

// An execution is one run of a program.
//
// # Rules
//
//  1. One goroutine holds the token: it runs, and everything here belongs to it.
//     It gives the token away by sending to the resume channel of another one,
//     and then only waits for its own.
//  2. A goroutine without the token has ended, waits for one that it starts, or
//     is about to make a step, and its gate says whether it could. The first
//     step of an alarm is to be launched.
//  3. Once ending is set no more steps are chosen. Whoever gets the token then
//     unwinds by Goexit and passes it on when it has ended; the last one closes
//     over. Deferred functions of the code under test run meanwhile, one
//     goroutine at a time, and their operations are no steps and never block.
type execution struct {
	run        uint64 // number, never 0
	chooser    chooser
	maxSteps   int
	holder     atomic.Uintptr // the gid of the goroutine with the token
	current    *goroutine     // the same goroutine
	goroutines []*goroutine
	enabled    []int // of the latest choice
	order      []byte
	plain      map[unsafe.Pointer]*location
	tracer     *tracer // nil if the run is not traced
	ending     bool
	failure    *Failure
	over       chan struct{}
}

// A chooser decides who makes the next step. x.enabled has the ids of those that
// can, in order. It returns one of them, or -1 to end the run here.
type chooser interface {
	choose(x *execution) int
}

// A goroutine is one of the program's.
type goroutine struct {
	exec            *execution
	id              int
	name            string
	body            func()
	gid             gid.ID
	starter         *goroutine // waits until this one comes to its first step
	launched, ended bool
	gate            gate          // what must be open for the next step; may be nil
	resume          chan struct{} // gives the token
	step            *Step         // the next one, in a traced run
	clock           clock         // what happened before now
	hash            uint64        // of its steps so far and of the writes that they saw
}

// A gate is what a goroutine can wait at. open reports whether it may go on.
type gate interface{ open() bool }

var (
	// running is the execution that is going on. There is one at a time.
	running atomic.Pointer[execution]
	// runs counts them.
	runs atomic.Uint64
)

// execute runs the program once.
func execute(program func(*Model), c chooser, maxSteps int, traced bool) *execution {
	x := &execution{
		run:      runs.Add(1),
		chooser:  c,
		maxSteps: maxSteps,
		plain:    make(map[unsafe.Pointer]*location),
		over:     make(chan struct{}),
	}
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
	<-x.over
	return x
}

// add makes a goroutine that is not launched yet.
func (x *execution) add(name string, body func()) *goroutine {
	if len(x.goroutines) == maxGoroutines {
		panic(fmt.Sprintf("interleave: a model has at most %d goroutines", maxGoroutines))
	}
	g := &goroutine{exec: x, id: len(x.goroutines), name: name, body: body, resume: make(chan struct{}, 1)}
	g.clock[g.id] = 1
	x.goroutines = append(x.goroutines, g)
	return g
}

// fork makes a goroutine on behalf of g.
func (g *goroutine) fork(name string, body func()) *goroutine {
	child := g.exec.add(name, body)
	child.hash = mix(g.hash, uint64(child.id))
	child.clock.join(&g.clock)
	g.clock[g.id]++
	return child
}

// hand gives the token to g.
func (g *goroutine) hand() {
	if g.launched {
		g.resume <- struct{}{}
		return
	}
	g.launched = true
	go g.main()
}

// start is the go statement: it makes a goroutine and runs it up to its first
// step. What it does until then cannot be told from what it would do later.
func (g *goroutine) start(name string, body func()) {
	child := g.fork(name, body)
	child.starter = g
	child.hand()
	g.wait()
}

// wait waits for the token.
func (g *goroutine) wait() {
	<-g.resume
	g.take()
}

// take begins to run with the token.
func (g *goroutine) take() {
	g.exec.holder.Store(uintptr(g.gid))
	g.exec.current = g
	if g.exec.ending {
		runtime.Goexit()
	}
}

// main is the goroutine.
func (g *goroutine) main() {
	g.gid = gid.Current()
	returned := false
	defer func() {
		g.ended = true
		if r := recover(); !returned && !g.exec.ending {
			if r != nil {
				g.exec.report(Panic, "%s panicked: %v\n\n%s", g.name, r, debug.Stack())
			} else {
				g.exec.report(Panic, "%s called runtime.Goexit", g.name)
			}
		}
		g.pass()
	}()
	g.take()
	g.body()
	returned = true
}

// pass gives the token away when g has ended.
func (g *goroutine) pass() {
	x := g.exec
	if s := g.starter; s != nil {
		g.starter = nil
		s.hand()
		return
	}
	if !x.ending {
		if next := x.next(); next != nil {
			next.hand()
			return
		}
	}
	for _, other := range x.goroutines {
		if other.launched && !other.ended {
			other.hand() // rule 3
			return
		}
	}
	close(x.over)
}

// pause makes the caller wait until it is its turn to make a step, which is
// called op. It reports whether it is a step: once the run is ending it is none.
func (g *goroutine) pause(gate gate, op string) bool {
	x := g.exec
	if x.ending {
		if gate != nil {
			runtime.Goexit()
		}
		return false
	}
	g.gate = gate
	if x.tracer != nil {
		g.step = x.tracer.step(g, op)
	}
	if s := g.starter; s != nil {
		g.starter = nil
		s.hand()
		g.wait()
	} else if next := x.next(); next == nil {
		runtime.Goexit()
	} else if next != g {
		next.hand()
		g.wait()
	}
	g.gate = nil
	if x.tracer != nil {
		x.tracer.append(g.step)
	}
	return true
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
	case len(x.order) >= x.maxSteps:
		x.report(Livelock, "the program has not ended after %d steps", x.maxSteps)
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
