package ants

import (
	"hash/maphash"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"github.com/panjf2000/ants/v2"
)

// queues has the queue of each pool that is in use: by keyOf, or a number after it if
// that is another's.
//
// A queue refers to its pool, so the table must not keep it. It keeps it until the next
// garbage collection, which lets a call find it with two loads, and weakly from then
// on, until it is used again. A queue with something in it is also kept by its feeder,
// and by the workers that come for it. So there is never a second one that has
// something for the same pool, and a pool that is not used is let go with its queue.
var queues sync.Map // uint64 → *entry

// An entry is the place of a queue in the table.
type entry struct {
	strong atomic.Pointer[queue] // nil from a collection to the next use
	weak   weak.Pointer[queue]
}

// queue returns the queue, or nil if it was collected.
func (e *entry) queue() *queue {
	if q := e.strong.Load(); q != nil {
		return q
	}
	q := e.weak.Value()
	if q != nil {
		e.strong.Store(q) // nil → q, until the next collection
		weaken.arm()
	}
	return q
}

// routeOf returns the route by which p's calls come to its workers, or nil if Submit of
// p is to be called as it is. caller is the function that p was given to.
func routeOf(caller string, p Pool) *route {
	var g gauge
	embedded := false
	switch p := p.(type) {
	case nil:
		panic("ants: " + caller + ": p is nil")
	case *ants.Pool:
		g = p
	case *ants.MultiPool:
		g = p
	default:
		if g, embedded = poolInside(caller, p); g == nil {
			return nil
		}
	}
	q := queueOf(caller, g)
	switch {
	case q.direct:
		return nil
	case !embedded:
		return &q.own
	default:
		return &route{gauge: guarded{p.(gauge)}, queue: q, pool: p}
	}
}

// queueOf returns the queue of g, which embeds no other pool.
func queueOf(caller string, g gauge) *queue {
	for key := keyOf(g); ; key++ {
		var q *queue
		if found, ok := queues.Load(key); !ok {
			q = newQueue(caller, g)
			e := &entry{weak: weak.Make(q)}
			e.strong.Store(q)
			if _, loaded := queues.LoadOrStore(key, e); loaded {
				key--
				continue
			}
			weaken.arm()
		} else if q = found.(*entry).queue(); q == nil {
			queues.CompareAndDelete(key, found)
			key--
			continue
		}
		if q.owner == g {
			return q
		}
	}
}

var seed = maphash.MakeSeed()

// keyOf returns a number for g that it has alone, as good as always. It does not keep
// g: that it is g's is found out by what it leads to.
func keyOf(g gauge) uint64 {
	if p, ok := g.(*ants.Pool); ok {
		return uint64(uintptr(unsafe.Pointer(p))) // SAFETY: a number, never a pointer again
	}
	return maphash.Comparable(seed, g)
}

// weaken is the collection's call of weakenAll, while the table has something.
var weaken sentinel

// A sentinel has weakenAll called after a garbage collection, once for each arm.
type sentinel struct{ armed atomic.Bool }

func (s *sentinel) arm() {
	// false → true: the call that comes is ours to order.
	if !s.armed.Load() && !s.armed.Swap(true) {
		runtime.AddCleanup(new([2]*byte), func(s *sentinel) {
			s.armed.Store(false) // true → false: what is used from now on orders another
			weakenAll()
		}, s)
	}
}

// weakenAll lets go of the queues in the table, and deletes those that are gone.
func weakenAll() {
	queues.Range(func(key, value any) bool {
		e := value.(*entry)
		switch {
		case e.strong.Swap(nil) != nil: // used since the last collection
			weaken.arm()
		case e.weak.Value() == nil:
			queues.CompareAndDelete(key, value)
		default:
			weaken.arm()
		}
		return true
	})
}

// newQueue returns the queue of g.
func newQueue(caller string, g gauge) *queue {
	if a := absence(g); a != "" {
		panic("ants: " + caller + ": p is a " + a)
	}
	nonblocking, maxBlocking := options(g)
	q := newQueueOf(g, nonblocking, maxBlocking)
	q.own.pool, _ = g.(Pool)
	return q
}

// newQueueOf returns the queue of g, whose own route has no Pool yet.
func newQueueOf(g gauge, nonblocking bool, maxBlocking int) *queue {
	q := &queue{owner: g, parts: 1}
	q.own.gauge, q.own.queue = guard(g), q
	if nonblocking || g.Cap() < 0 {
		q.direct = true
		return q
	}
	if q.multi, _ = g.(multi); q.multi != nil {
		for q.parts < g.Cap() && hasPart(q.multi, q.parts) { // a part has a worker at least
			q.parts++
		}
	}
	q.blocking = maxBlocking * q.parts
	return q
}

func hasPart(m multi, i int) (has bool) {
	defer func() { _ = recover() }() // of one that takes the index as it is
	_, err := m.FreeByIndex(i)
	return err == nil
}
