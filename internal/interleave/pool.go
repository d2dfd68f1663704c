package interleave

import "sync"

// Pool is a sync.Pool whose operations are steps of a model. A model's pool is
// empty at first and gives what was put last: an object is used again as soon as
// it can be, by whoever asks first.
type Pool struct {
	New  func() any
	pool sync.Pool // outside a model
	cell cell
	kept []pooled
}

// pooled is a value in a pool.
type pooled struct {
	value any
	cell  *cell // of the Put
}

// Get is a step.
func (p *Pool) Get() any {
	g := current()
	if g == nil {
		if v := p.pool.Get(); v != nil {
			return v
		}
	} else if g.pause(nil, "Get") {
		p.open(g)
		p.cell.order(g)
		if last := len(p.kept) - 1; last >= 0 {
			k := p.kept[last]
			p.kept = p.kept[:last]
			k.cell.read(g)
			g.result("() reuses")
			return k.value
		}
	}
	if p.New == nil {
		return nil
	}
	return p.New()
}

// Put is a step.
func (p *Pool) Put(v any) {
	g := current()
	if g == nil {
		p.pool.Put(v)
	} else if v != nil && g.pause(nil, "Put") {
		p.open(g)
		p.cell.order(g)
		k := pooled{v, new(cell)}
		k.cell.store(g)
		p.kept = append(p.kept, k)
	}
}

// open empties the pool if it was last used in another run.
func (p *Pool) open(g *goroutine) {
	if p.cell.run != g.exec.run {
		p.cell.open(g)
		p.kept = nil
	}
}
