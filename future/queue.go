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
//	              Wake                       begin                     pop
//	armed ───────────────────▶ on the stack ───────▶ in the line ─────────────┐
//	  ▲                        woken, newest first   line, oldest first       │
//	  └───────────────────────────────────────────────────────────────────────┘
//
// Invariants:
//
//  1. A child is armed, or in exactly one place. The one that disarms it, and
//     nobody else, puts it on the stack, and owns its link until it is there.
//  2. Whoever puts the first child on an empty stack wakes the latest waker. A
//     begin stores its waker before it empties the stack, so a child that it
//     misses finds that waker.
//  3. The line belongs to the goroutine that polls. So do the link of a child in
//     it and the future of every child.
//  4. A child is armed before it is polled: a wake during its poll puts it on the
//     stack, for the next begin. So one Poll of the combinator polls each child
//     at most once, however often it wakes itself.
//  5. A finished child is never armed again. One that was woken while it finished
//     may still come out of the queue, with no future.
//
// The stack is emptied whole and never popped, so the same child at its head
// twice (ABA) does no harm.
type queue[T any] struct {
	waker atomics.Pointer[Waker]    // of the latest Poll
	woken atomics.Pointer[child[T]] // the stack
	first *child[T]                 // the line
	last  *child[T]
}

// A child is a future with a waker of its own. 56 bytes.
type child[T any] struct {
	waker Waker
	src   Future[T] // nil once it has finished or was cancelled
	queue *queue[T]
	next  *child[T]
	armed atomics.Uint32 // 1: the next wake puts it on the stack
	index uint32         // where its owner keeps it
}

// init makes c, which is still zero, a child that counts as woken. It is not in
// the queue yet.
func (c *child[T]) init(q *queue[T], src Future[T], index int) {
	c.waker.Init(c)
	c.src = orNil(src)
	c.queue = q
	c.index = uint32(index)
}

// OnWake puts c on the stack, unless it waits to be polled already.
func (c *child[T]) OnWake() {
	// armed → disarmed: one waker gets through. For the others the child is
	// still to be polled, and the swap that arms it synchronizes with them.
	if c.armed.Swap(0) == 1 {
		c.queue.push(c)
	}
}

// push puts a disarmed child on the stack.
func (q *queue[T]) push(c *child[T]) {
	for {
		head := q.woken.Load() // checked by the swap below
		atomics.Write(unsafe.Pointer(&c.next))
		c.next = head
		// Publishes the child and its link. It fails when another child came
		// first or the stack was emptied: somebody made progress.
		if q.woken.CompareAndSwap(head, c) {
			if head == nil {
				// Invariant 2. The waker is that of the begin before this
				// push or a later one.
				q.waker.Load().Wake()
			}
			return
		}
	}
}

// begin begins a Poll with w: it moves what was woken to the end of the line.
func (q *queue[T]) begin(w *Waker) {
	if q.waker.Load() != w { // only begin stores
		q.waker.Store(w) // before the stack is emptied: invariant 2
	}
	if q.woken.Load() == nil { // a push after this finds w
		return
	}
	// Synchronizes with the pushes: the links are ours now.
	newest := q.woken.Swap(nil)
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
}

// enqueue puts c at the end of the line.
func (q *queue[T]) enqueue(c *child[T]) {
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
}

// pop takes the first child out of the line, or returns nil.
func (q *queue[T]) pop() *child[T] {
	c := q.first
	if c == nil {
		return nil
	}
	q.first, c.next = c.next, nil
	if q.first == nil {
		q.last = nil
	}
	return c
}

// end lets the waker go. Wakes of children that are still to come do nothing but
// put them on the stack.
func (q *queue[T]) end() {
	q.waker.Store(nil)
	q.first, q.last = nil, nil
}

// poll polls a child that came out of the line and has not finished.
func (c *child[T]) poll() (v T, ready bool, err error) {
	// disarmed → armed: synchronizes with all the wakes that led here.
	c.armed.Swap(1)
	v, ready, err = c.src.Poll(&c.waker)
	if ready {
		c.src = nil
		c.armed.Store(0) // invariant 5; a wake that was quicker does no harm
	}
	return v, ready, err
}

// cancel cancels a child, unless it has finished.
func (c *child[T]) cancel() {
	if src := c.src; src != nil {
		c.src = nil
		c.armed.Store(0) // invariant 5
		Cancel(src)
	}
}
