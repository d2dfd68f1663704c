package interleave

import (
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/go-await/await/internal/gid"
)

// A goroutine is one of a program's.
type goroutine struct {
	exec          *execution
	id            int
	name          string
	body          func()
	worker        *worker    // nil until it begins
	starter       *goroutine // waits until this one comes to its first step
	gate          gate       // what must be open for the next step; may be nil
	ended, exited bool       // exited: by Goexit, which took the worker along
	step          *Step      // the next one, in a traced run
	clock         clock      // what happened before now
	hash          uint64     // of its steps so far and of the writes that they saw
}

// A gate is what a goroutine can wait at. open reports whether it may go on.
type gate interface{ open() bool }

// fork makes a goroutine on behalf of g.
func (g *goroutine) fork(name string, body func()) *goroutine {
	child := g.exec.add(name, body)
	child.hash = mix(g.hash, uint64(child.id))
	child.clock.join(&g.clock)
	g.clock[g.id]++
	return child
}

// start is the go statement: it makes a goroutine and runs it up to its first
// step. What it does until then cannot be told from what it would do later.
func (g *goroutine) start(name string, body func()) {
	child := g.fork(name, body)
	child.starter = g
	child.hand()
	g.wait()
}

// hand gives the token to g.
func (g *goroutine) hand() {
	if g.worker == nil {
		g.worker = g.exec.crew.hire()
	}
	g.worker.resume <- g
}

// wait waits for the token.
func (g *goroutine) wait() {
	<-g.worker.resume
	g.take()
}

// take begins to run with the token.
func (g *goroutine) take() {
	g.exec.holder.Store(uintptr(g.worker.gid))
	g.exec.current = g
	if g.exec.ending {
		runtime.Goexit()
	}
}

// run is the whole life of g.
func (g *goroutine) run() {
	returned := false
	defer func() {
		r := recover()
		g.ended, g.exited = true, !returned && r == nil
		if !returned && !g.exec.ending {
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

// pass gives the token away when g has ended. Nothing here is g's afterwards.
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
		if other.worker != nil && !other.ended {
			other.hand() // rule 3
			return
		}
	}
	x.crew.over <- struct{}{}
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

// A worker is what a goroutine runs on: a real one, which runs those of one
// execution after the other, so that its stack need not grow again each time.
type worker struct {
	gid    gid.ID
	resume chan *goroutine // gives the token
}

func (w *worker) main(all *sync.WaitGroup) {
	defer all.Done()
	w.gid = gid.Current()
	for g := range w.resume {
		g.run()
	}
}

// A crew is the workers of an exploration.
type crew struct {
	all  sync.WaitGroup
	idle []*worker
	over chan struct{} // a run has ended and its goroutines too
}

func newCrew() *crew { return &crew{over: make(chan struct{}, 1)} }

// hire returns an idle worker.
func (c *crew) hire() *worker {
	if last := len(c.idle) - 1; last >= 0 {
		w := c.idle[last]
		c.idle = c.idle[:last]
		return w
	}
	w := &worker{resume: make(chan *goroutine, 1)}
	c.all.Add(1)
	go w.main(&c.all)
	return w
}

// rest takes back the workers that have survived their goroutines.
func (c *crew) rest(gs []*goroutine) {
	for _, g := range gs {
		if g.worker != nil && !g.exited {
			c.idle = append(c.idle, g.worker)
		}
	}
}

// dismiss ends all workers. They are idle.
func (c *crew) dismiss() {
	for _, w := range c.idle {
		close(w.resume)
	}
	c.all.Wait()
}
