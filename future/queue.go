package future

import (
	"unsafe"

	"github.com/go-await/await/internal/atomics"
)

// A queue holds the children of a combinator that are to be polled: those that
// were woken, in the order of their wakes. Any goroutine adds one by waking it,
// at a cost that does not depend on how many children there are; the goroutine
// that polls the combinator takes them out.
//
//	             Wake                      begin                     poll
//	asleep ──────────────▶ on the stack ───────────▶ in the line ─────────────┐
//	  ▲                    newest first              oldest first             │
//	  └───────────────────────────────────────────────────────────────────────┘
//
// Invariants:
//
//  1. A child is asleep or in exactly one place. The one that finds it asleep,
//     and no other, puts it on the stack, and owns its link until it is there.
//  2. The one that puts the first child on an empty stack wakes the latest waker. A
//     begin stores its waker before it empties the stack, so a child that it
//     misses finds that waker.
//  3. The line belongs to the goroutine that polls. So do the link of a child in
//     it and the future of every child.
//  4. A child is made asleep before it is polled: a wake during its poll puts it
//     on the stack, for the next begin. So one Poll of the combinator polls each
//     child at most once, however often it wakes itself.
//  5. A child that has finished has no future, and is passed over when it comes
//     out of the queue: it was woken while it finished, or later.
//
// The stack is emptied whole and never popped, so the same child at its head
// twice (ABA) does no harm.
type queue[T any] struct {
	whole any                       // the combinator, by which its consumer knows it
	waker atomics.Pointer[Waker]    // of the latest Poll that had one
	stack atomics.Pointer[child[T]] // woken since the latest begin
	first *child[T]                 // the line
	last  *child[T]
}

// A child is a future with a waker of its own. 56 bytes.
type child[T any] struct {
	waker Waker
	src   Future[T] // nil once it has finished or was canceled
	queue *queue[T]
	next  *child[T]
	woken atomics.Uint32 // 0: asleep; 1: in the queue
	index uint32         // where its owner keeps it
}

// init makes c, which is still zero, a child that is asleep. src is not nil.
func (c *child[T]) init(q *queue[T], src Future[T], index int) {
	c.waker.Init(c)
	c.src = src
	c.queue = q
	c.index = uint32(index)
}

// OnWake puts c on the stack, unless it waits to be polled already.
func (c *child[T]) OnWake() {
	// asleep → woken: one waker gets through. For the others the child is still
	// to be polled, and the swap of that poll synchronizes with them.
	if c.woken.Swap(1) == 0 {
		c.queue.push(c)
	}
}

// push puts a child on the stack.
func (q *queue[T]) push(c *child[T]) {
	for {
		head := q.stack.Load() // checked by the swap below
		atomics.Write(unsafe.Pointer(&c.next))
		c.next = head
		// Publishes the child and its link. It fails when another child came
		// first or the stack was emptied: another goroutine made progress.
		if q.stack.CompareAndSwap(head, c) {
			if head == nil {
				// Invariant 2. The waker is that of the begin before this
				// push or a later one.
				q.waker.Load().Wake()
			}
			return
		}
	}
}

// begin begins a Poll with w: it moves what was woken to the end of the line. It
// reports true, and does nothing, if another consumer waits for the whole.
func (q *queue[T]) begin(w *Waker) (busy bool) {
	// Only the goroutine that polls stores.
	if old := q.waker.Load(); w != nil && old != w {
		if waits, _ := old.WaitsFor(q.whole, w); waits {
			return true
		}
		q.waker.Store(w) // before the stack is emptied: invariant 2
		if old != nil {
			old.replaced(q.whole, w)
		}
	}
	if q.stack.Load() == nil { // a push after this finds w
		return false
	}
	// Synchronizes with the pushes: the links are ours now.
	newest := q.stack.Swap(nil)
	var oldest *child[T]
	for c := newest; c != nil; {
		atomics.Write(unsafe.Pointer(&c.next))
		c.next, oldest, c = oldest, c, c.next
	}
	if q.last == nil {
		q.first = oldest
	} else {
		q.last.next = oldest
	}
	q.last = newest
	return false
}

// take takes the first child that has not finished out of the line, makes it
// asleep and returns it. It returns nil when there is none.
func (q *queue[T]) take() *child[T] {
	for c := q.first; c != nil; c = q.first {
		q.first, c.next = c.next, nil
		if q.first == nil {
			q.last = nil
		}
		// woken → asleep: synchronizes with all the wakes that led here.
		c.woken.Swap(0)
		if c.src != nil {
			return c
		}
	}
	return nil
}

// end lets the waker go. Wakes that are still to come wake no consumer.
func (q *queue[T]) end() {
	q.waker.Store(nil)
	q.first, q.last = nil, nil
}

// poll polls a child that is asleep.
func (c *child[T]) poll() (v T, ready bool, err error) {
	v, ready, err = c.src.Poll(&c.waker)
	if ready {
		c.src = nil
	}
	return v, ready, err
}

// cancel cancels a child that has not finished.
func (c *child[T]) cancel() {
	src := c.src
	c.src = nil
	Cancel(src)
}
