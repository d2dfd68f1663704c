package interleave

import (
	"fmt"
	"reflect"
	"sync/atomic"
)

// Uint32 is an atomic.Uint32 whose operations are steps of a model.
type Uint32 struct {
	integer[uint32, atomic.Uint32, *atomic.Uint32]
}

// Uint64 is an atomic.Uint64 whose operations are steps of a model.
type Uint64 struct {
	integer[uint64, atomic.Uint64, *atomic.Uint64]
}

// Int64 is an atomic.Int64 whose operations are steps of a model.
type Int64 struct {
	integer[int64, atomic.Int64, *atomic.Int64]
}

// An integer is one of sync/atomic's: a *A has the methods of word.
type integer[N any, A any, P interface {
	*A
	word[N]
}] struct {
	word A
	cell cell
}

type word[N any] interface {
	Load() N
	Store(N)
	Swap(N) N
	CompareAndSwap(old, new N) bool
	Add(N) N
	And(N) N
	Or(N) N
}

// Load is a step that reads.
func (i *integer[N, A, P]) Load() N {
	g := step("Load")
	v := P(&i.word).Load()
	if g != nil {
		i.cell.read(g)
		g.result("() = %v", v)
	}
	return v
}

// Store is a step that writes.
func (i *integer[N, A, P]) Store(v N) {
	g := step("Store")
	P(&i.word).Store(v)
	if g != nil {
		i.cell.store(g)
		g.result("(%v)", v)
	}
}

// CompareAndSwap is a step that reads, and writes if it succeeds.
func (i *integer[N, A, P]) CompareAndSwap(old, new N) bool {
	g := step("CompareAndSwap")
	swapped := P(&i.word).CompareAndSwap(old, new)
	if g != nil {
		i.cell.compared(g, swapped)
		g.result("(%v, %v) = %v", old, new, swapped)
	}
	return swapped
}

// Swap is a step that reads and writes.
func (i *integer[N, A, P]) Swap(v N) N { return i.update("Swap", P.Swap, v) }

// Add is a step that reads and writes.
func (i *integer[N, A, P]) Add(v N) N { return i.update("Add", P.Add, v) }

// And is a step that reads and writes.
func (i *integer[N, A, P]) And(v N) N { return i.update("And", P.And, v) }

// Or is a step that reads and writes.
func (i *integer[N, A, P]) Or(v N) N { return i.update("Or", P.Or, v) }

func (i *integer[N, A, P]) update(op string, f func(P, N) N, v N) N {
	g := step(op)
	r := f(P(&i.word), v)
	if g != nil {
		i.cell.update(g)
		g.result("(%v) = %v", v, r)
	}
	return r
}

// Pointer is an atomic.Pointer whose operations are steps of a model.
type Pointer[T any] struct {
	_    [0]*T // as in atomic.Pointer: no conversion between different Ts
	word atomic.Pointer[T]
	cell cell
}

// Load is a step that reads.
func (p *Pointer[T]) Load() *T {
	g := step("Load")
	v := p.word.Load()
	if g != nil {
		p.cell.read(g)
		g.result("() = %v", v)
	}
	return v
}

// Store is a step that writes.
func (p *Pointer[T]) Store(v *T) {
	g := step("Store")
	p.word.Store(v)
	if g != nil {
		p.cell.store(g)
		g.result("(%v)", v)
	}
}

// Swap is a step that reads and writes.
func (p *Pointer[T]) Swap(v *T) *T {
	g := step("Swap")
	old := p.word.Swap(v)
	if g != nil {
		p.cell.update(g)
		g.result("(%v) = %v", v, old)
	}
	return old
}

// CompareAndSwap is a step that reads, and writes if it succeeds.
func (p *Pointer[T]) CompareAndSwap(old, new *T) bool {
	g := step("CompareAndSwap")
	swapped := p.word.CompareAndSwap(old, new)
	if g != nil {
		p.cell.compared(g, swapped)
		g.result("(%v, %v) = %v", old, new, swapped)
	}
	return swapped
}

// step makes the caller wait for its turn, and returns the goroutine that it is,
// or nil if this is no step of a model.
func step(op string) *goroutine {
	if g := current(); g != nil && g.pause(nil, op) {
		return g
	}
	return nil
}

// compared accounts for a compare-and-swap.
func (c *cell) compared(g *goroutine, swapped bool) {
	if swapped {
		c.update(g)
	} else {
		c.read(g)
	}
}

// result completes the step that g made with its arguments and results.
func (g *goroutine) result(format string, args ...any) {
	if t := g.exec.tracer; t != nil {
		for i, a := range args {
			if v := reflect.ValueOf(a); v.Kind() == reflect.Pointer {
				args[i] = t.pointer(v.UnsafePointer())
			}
		}
		g.step.Op += fmt.Sprintf(format, args...)
	}
}
