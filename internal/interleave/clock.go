package interleave

import "unsafe"

// maxGoroutines is how many goroutines one run of a model may have.
const maxGoroutines = 16

// A clock says for each goroutine how many of its steps happened before now.
type clock [maxGoroutines]uint16

func (c *clock) join(d *clock) {
	for i, n := range d {
		c[i] = max(c[i], n)
	}
}

// A cell is what the checker knows of an object: it is part of each of this
// package's types. Its zero value, and one left by an earlier run, is that of an
// object nobody has touched in this run.
type cell struct {
	run   uint64 // the run for which the rest holds
	clock clock  // what the latest write published
	write uint64 // hash of the latest write
	reads uint64 // sum of the hashes of the reads since
}

// open makes the cell belong to the current run.
func (c *cell) open(g *goroutine) {
	if c.run != g.exec.run {
		*c = cell{run: g.exec.run}
	}
}

// see accounts for a step of g that saw the object and did not change it.
func (c *cell) see(g *goroutine) {
	c.open(g)
	g.hash = mix(g.hash, c.write)
	c.reads += g.hash
}

// order accounts for a step of g that saw the object and changed it.
func (c *cell) order(g *goroutine) {
	c.open(g)
	g.hash = mix(mix(g.hash, c.write), c.reads)
	c.write, c.reads = g.hash, 0
}

// read is see, and the latest write synchronizes before it.
func (c *cell) read(g *goroutine) {
	c.see(g)
	g.clock.join(&c.clock)
}

// store is order, and what g did synchronizes before whoever reads the object
// from now on.
func (c *cell) store(g *goroutine) {
	c.order(g)
	c.clock = g.clock
	g.clock[g.id]++ // what g does from here on is not published yet
}

// update is read and store.
func (c *cell) update(g *goroutine) {
	c.open(g)
	g.clock.join(&c.clock)
	c.store(g)
}

// mix hashes a pair, as a step of SplitMix64 would.
func mix(a, b uint64) uint64 {
	const step = 0x9e3779b97f4a7c15
	x := (a+step)*step + b + step
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// An access is a marked access to plain memory.
type access struct {
	by   int    // goroutine
	time uint16 // its own clock at the access; 0 is never
	step *Step  // only in a traced run
}

func (a *access) before(c *clock) bool { return a.time <= c[a.by] }

// A location is the latest accesses to plain memory at one address.
type location struct {
	write access
	reads []access // since the write, one per goroutine
}

// Read marks that the calling goroutine is about to read the plain memory at p.
// In a model, it reports a write at p that does not happen before; otherwise it
// does nothing. It is no step.
func Read(p unsafe.Pointer) {
	if g := current(); g != nil && !g.exec.ending {
		l := g.location(p)
		a := g.access("plain read")
		g.ordered(&l.write, &a)
		for i := range l.reads {
			if l.reads[i].by == g.id {
				l.reads[i] = a
				return
			}
		}
		l.reads = append(l.reads, a)
	}
}

// Write marks that the calling goroutine is about to write the plain memory at
// p. In a model, it reports an access at p that does not happen before;
// otherwise it does nothing. It is no step.
func Write(p unsafe.Pointer) {
	if g := current(); g != nil && !g.exec.ending {
		l := g.location(p)
		a := g.access("plain write")
		g.ordered(&l.write, &a)
		for i := range l.reads {
			g.ordered(&l.reads[i], &a)
		}
		l.write, l.reads = a, l.reads[:0]
	}
}

// location returns what is known of the memory at p. The map keeps p alive, so
// that the address means the same during the whole run.
func (g *goroutine) location(p unsafe.Pointer) *location {
	if g.exec.plain == nil {
		g.exec.plain = make(map[unsafe.Pointer]*location)
	}
	l := g.exec.plain[p]
	if l == nil {
		l = new(location)
		g.exec.plain[p] = l
	}
	return l
}

// access returns the access that g is about to make.
func (g *goroutine) access(what string) access {
	a := access{by: g.id, time: g.clock[g.id]}
	if t := g.exec.tracer; t != nil {
		a.step = t.step(g, what)
		t.trace = append(t.trace, a.step)
	}
	return a
}

// ordered fails the run unless a happens before b, which is g's and now.
func (g *goroutine) ordered(a, b *access) {
	if a.before(&g.clock) {
		return
	}
	other := g.exec.goroutines[a.by]
	if b.step == nil {
		g.exec.fail(Race, "%s and %s", other.name, g.name)
	}
	g.exec.fail(Race, "%s by %s at %s and %s by %s at %s: neither happens before the other",
		a.step.Op, other.name, a.step.Pos(), b.step.Op, g.name, b.step.Pos())
}
