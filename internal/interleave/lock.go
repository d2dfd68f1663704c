package interleave

import "sync"

// Mutex is a sync.Mutex whose operations are steps of a model.
type Mutex struct {
	mutex sync.Mutex // outside a model
	cell  cell
	held  bool
}

// Lock is a step that is made once the mutex is free.
func (m *Mutex) Lock() {
	g := current()
	if g == nil {
		m.mutex.Lock()
		return
	}
	m.open(g)
	if g.pause((*free)(m), "Lock") {
		m.held = true
		m.cell.update(g)
	}
}

// TryLock is a step.
func (m *Mutex) TryLock() bool {
	g := current()
	if g == nil {
		return m.mutex.TryLock()
	}
	if !g.pause(nil, "TryLock") {
		return true
	}
	m.open(g)
	locked := !m.held
	if locked {
		m.held = true
		m.cell.update(g)
	} else {
		m.cell.see(g) // a TryLock that fails synchronizes with nothing
	}
	g.result("() = %v", locked)
	return locked
}

// Unlock is a step. It is a failure if the mutex is not locked.
func (m *Mutex) Unlock() {
	g := current()
	if g == nil {
		m.mutex.Unlock()
		return
	}
	if g.pause(nil, "Unlock") {
		m.open(g)
		if !m.held {
			g.exec.fail(Panic, "%s unlocked a mutex that was not locked", g.name)
		}
		m.held = false
		m.cell.update(g)
	}
}

// open makes the mutex free if it was last used in another run.
func (m *Mutex) open(g *goroutine) {
	if m.cell.run != g.exec.run {
		m.cell.open(g)
		m.held = false
	}
}

// free is a mutex as what Lock waits for.
type free Mutex

func (m *free) open() bool { return !m.held }

// Cond is a sync.Cond whose operations are steps of a model. As with that one,
// Wait is in the queue before it calls L.Unlock, and Signal wakes the one that
// has been in it longest, also if it has not come to sleep yet.
//
// Signal and Broadcast do not synchronize with the Wait that they end, although
// those of sync.Cond do: the race detector does not know that, and programs
// should be silent under it.
type Cond struct {
	L       sync.Locker
	cond    sync.Cond // outside a model
	cell    cell
	waiters []*ticket
}

// A ticket is a place in the queue of a Cond.
type ticket struct {
	woken bool
	cell  cell
}

func (t *ticket) open() bool { return t.woken }

// Wait is a step that enters the queue, those of L.Unlock, a step that is made
// once the wake has come, and those of L.Lock.
func (c *Cond) Wait() {
	g := current()
	if g == nil {
		c.cond.L = c.L
		c.cond.Wait()
		return
	}
	t := new(ticket)
	if g.pause(nil, "Wait queues") {
		c.open(g)
		c.waiters = append(c.waiters, t)
		c.cell.order(g)
	}
	c.L.Unlock()
	if g.pause(t, "Wait") {
		t.cell.see(g)
	}
	c.L.Lock()
}

// Signal is a step that wakes the first in the queue, if there is one.
func (c *Cond) Signal() {
	g := current()
	if g == nil {
		c.cond.Signal()
	} else if g.pause(nil, "Signal") {
		c.wake(g, 1)
	}
}

// Broadcast is a step that wakes all in the queue.
func (c *Cond) Broadcast() {
	g := current()
	if g == nil {
		c.cond.Broadcast()
	} else if g.pause(nil, "Broadcast") {
		c.wake(g, len(c.waiters))
	}
}

// wake wakes the first n in the queue, or all if they are fewer.
func (c *Cond) wake(g *goroutine, n int) {
	c.open(g)
	n = min(n, len(c.waiters))
	c.cell.order(g)
	for _, t := range c.waiters[:n] {
		t.woken = true
		t.cell.order(g)
	}
	c.waiters = c.waiters[n:]
	g.result("() wakes %d", n)
}

// open empties the queue if it was last used in another run.
func (c *Cond) open(g *goroutine) {
	if c.cell.run != g.exec.run {
		c.cell.open(g)
		c.waiters = nil
	}
}
