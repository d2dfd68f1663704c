package ants

import (
	"reflect"
	"sync"

	"github.com/panjf2000/ants/v2"
)

// A Pool runs functions on workers of its own: *ants.Pool, *ants.MultiPool, or a
// pool of yours. Submit returns nil if it will call task, once, and otherwise
// the reason why it will not. It must not panic, nor call runtime.Goexit: for what
// is queued a goroutine of this package calls it, in which a panic ends the program.
//
// What this package promises about full pools holds for the pools of ants, for
// types that embed one, and for every other Pool that has their methods Cap,
// Running, Waiting and IsClosed, if its Submit does not block while Running is
// less than Cap, and if it can be compared. Any other is foreign. The functions of
// this package call Submit of a foreign pool, and of one that has no limit or does
// not block, themselves: they block if it does. Only [Map] of a foreign pool has a
// goroutine do so.
type Pool interface {
	Submit(task func()) error
}

// A gauge tells how full a pool is, as the pools of ants do.
type gauge interface {
	Cap() int // negative: no limit
	Running() int
	Waiting() int
	IsClosed() bool
}

// A multi is a pool that consists of several.
type multi interface {
	FreeByIndex(i int) (int, error)
}

// An upstream is a pool as its queue sees it.
type upstream struct {
	gauge
	hand     func(j job) error // has a worker call work(j), or arrive for nil
	multi    multi             // nil if the pool is a single one
	parts    int               // how many pools it consists of
	blocking int               // MaxBlockingTasks of all parts, 0 for no limit
}

// free returns how many submissions in a row are sure to find a worker without
// waiting for it, unless others are quicker. A MultiPool may submit to any of its
// pools, so it is as free as the least free of them. Workers that are idle do not
// count: nothing tells them from others.
func (u *upstream) free() int {
	if u.multi == nil {
		return u.Cap() - u.Running()
	}
	least, err := u.multi.FreeByIndex(0)
	for i := 1; err == nil && i < u.parts; i++ {
		var n int
		n, err = u.multi.FreeByIndex(i)
		least = min(least, n)
	}
	return least
}

// prompt reports whether a submission is sure to be answered without waiting,
// unless others are quicker.
func (u *upstream) prompt() bool { return u.IsClosed() || u.free() > 0 }

// queues has a *queue, or nil, for each Pool that was used.
//
// A queue refers to its pool, and stays until the pool is found released when
// another pool is used for the first time. A pool that was not released is kept
// by its own goroutines anyway.
var queues sync.Map

// queueOf returns the queue of p, or nil if Submit of p is to be called as it is.
func queueOf(p Pool) *queue {
	if p == nil {
		panic("ants: a nil pool")
	}
	if foreign(p) {
		return nil
	}
	q, ok := queues.Load(p)
	if !ok {
		queues.Range(func(key, value any) bool {
			if key.(gauge).IsClosed() && value.(*queue).idle() {
				queues.CompareAndDelete(key, value)
			}
			return true
		})
		q, _ = queues.LoadOrStore(p, newQueue(p))
	}
	return q.(*queue)
}

// foreign reports whether this package knows nothing of p but its Submit.
func foreign(p Pool) bool {
	switch p.(type) {
	case *ants.Pool, *ants.MultiPool:
		return false
	}
	_, ok := p.(gauge)
	return !ok || !reflect.ValueOf(p).Comparable()
}

// newQueue returns the queue of p, which is a gauge too, or nil if p needs none.
func newQueue(p Pool) *queue {
	nonblocking, maxBlocking := options(p)
	q := newQueueOf(p.(gauge), nonblocking, maxBlocking)
	if q != nil {
		arrive := q.arrive
		q.pool.hand = func(j job) error {
			if j == nil {
				return p.Submit(arrive)
			}
			return p.Submit(func() { q.work(j) })
		}
	}
	return q
}

// newQueueOf returns a queue that has no hand yet, or nil if the pool needs none
// because it never blocks.
func newQueueOf(g gauge, nonblocking bool, maxBlocking int) *queue {
	if nonblocking || g.Cap() < 0 {
		return nil
	}
	u := upstream{gauge: g, parts: 1}
	if u.multi, _ = g.(multi); u.multi != nil {
		for hasPart(u.multi, u.parts) {
			u.parts++
		}
	}
	u.blocking = maxBlocking * u.parts
	return &queue{pool: u}
}

func hasPart(m multi, i int) bool {
	_, err := m.FreeByIndex(i)
	return err == nil
}

// options returns two of the options that p was made with. Ants does not tell,
// so they are read where it keeps them, without touching anything. Where they
// are not found the pool is taken for one that blocks, without a limit: then its
// refusals still reach the receivers, by way of a feeder.
func options(p Pool) (nonblocking bool, maxBlocking int) {
	v := reflect.ValueOf(p)
	if pools := field(v, "pools"); pools.Kind() == reflect.Slice && pools.Len() > 0 {
		v = pools.Index(0)
	}
	o := field(v, "options")
	if f := field(o, "Nonblocking"); f.Kind() == reflect.Bool {
		nonblocking = f.Bool()
	}
	if f := field(o, "MaxBlockingTasks"); f.Kind() == reflect.Int {
		maxBlocking = int(f.Int())
	}
	return nonblocking, maxBlocking
}

// field returns a field of the struct v, or of the struct that v points to, or
// the zero Value.
func field(v reflect.Value, name string) reflect.Value {
	if v = reflect.Indirect(v); v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	f, ok := v.Type().FieldByName(name)
	if !ok {
		return reflect.Value{}
	}
	v, err := v.FieldByIndexErr(f.Index)
	if err != nil { // an embedded pointer on the way is nil
		return reflect.Value{}
	}
	return v
}
