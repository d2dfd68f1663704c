package executor

import (
	"sync/atomic"

	"github.com/go-await/await/internal/atomics"
)

// A list is a first-in first-out list of tasks, linked through the tasks
// themselves: it never allocates, and is as large as what it holds.
type list struct {
	head, tail *task
	n          int
}

func (l *list) push(t *task) {
	t.link = nil
	if l.tail == nil {
		l.head = t
	} else {
		l.tail.link = t
	}
	l.tail = t
	l.n++
}

func (l *list) pop() *task {
	t := l.head
	if t == nil {
		return nil
	}
	l.head, t.link = t.link, nil
	if l.head == nil {
		l.tail = nil
	}
	l.n--
	return t
}

// append moves all of m to the end of l.
func (l *list) append(m list) {
	if m.head == nil {
		return
	}
	if l.tail == nil {
		l.head = m.head
	} else {
		l.tail.link = m.head
	}
	l.tail = m.tail
	l.n += m.n
}

// A line is a part of a backlog.
type line uint8

const (
	wokenLine   line = iota // tasks that waited for something and were woken
	unbegunLine             // tasks that have never run
	asideLine               // tasks that were woken while they ran, by themselves for instance
	lines
)

// A backlog holds the tasks that wait for a worker, each line first-in first-out.
//
// The woken tasks go first: a wake or a cancellation does not wait for the tasks that have
// not begun, however many there are. Those come next, and then the tasks that stand aside.
// After asideLimit tasks that have not begun, those that stand aside join the woken ones.
// So that woken tasks do not keep the others waiting, a worker takes one of the others first
// now and then: see turnsPerRound.
type backlog struct {
	lines  [lines]list
	passed int // tasks that have begun while others stood aside
}

// asideLimit is how many tasks that have not begun go before those that stand aside.
const asideLimit = 64

// push puts a task that was spawned or woken into its line. The caller owns it: it is
// in no queue yet, or in this one.
func (b *backlog) push(t *task) {
	if t.polls == 0 {
		b.lines[unbegunLine].push(t)
	} else {
		b.lines[wokenLine].push(t)
	}
}

// size returns the number of tasks.
func (b *backlog) size() int { return b.lines[wokenLine].n + b.others() }

// others returns the number of tasks that are not in the line of the woken ones.
func (b *backlog) others() int { return b.lines[unbegunLine].n + b.lines[asideLine].n }

// next returns the line whose first task is to be taken. With othersFirst it is not that of
// the woken tasks, if there are others.
func (b *backlog) next(othersFirst bool) line {
	switch {
	case b.lines[wokenLine].n > 0 && !(othersFirst && b.others() > 0):
		return wokenLine
	case b.lines[unbegunLine].n == 0:
		return asideLine
	case b.lines[asideLine].n == 0:
		return unbegunLine
	case b.passed < asideLimit:
		b.passed++
		return unbegunLine
	}
	b.passed = 0
	b.lines[wokenLine].append(b.lines[asideLine])
	b.lines[asideLine] = list{}
	return wokenLine
}

// pop takes a task, or returns nil.
func (b *backlog) pop(othersFirst bool) *task { return b.lines[b.next(othersFirst)].pop() }

// cut moves n tasks, which there must be, to the ends of the lines of into.
func (b *backlog) cut(n int, into *backlog) {
	for ; n > 0; n-- {
		l := b.next(false)
		into.lines[l].push(b.lines[l].pop())
	}
}

// append moves all of m to the ends of the lines of b.
func (b *backlog) append(m *backlog) {
	for l := range m.lines {
		b.lines[l].append(m.lines[l])
	}
	*m = backlog{}
}

// A globalQueue holds the tasks that were made runnable by a goroutine that is no
// worker of the executor.
type globalQueue struct {
	mu      atomics.Mutex
	backlog backlog
	// size and woken are the number of tasks, and of woken ones, so that a look at an empty
	// queue takes no lock. woken is only a hint: a worker that misses a task finds it at its
	// next look.
	size  atomics.Int64
	woken atomic.Int64
}

func (q *globalQueue) push(t *task) {
	q.mu.Lock()
	q.backlog.push(t)
	q.publishLocked()
	q.mu.Unlock()
}

// pushAside makes t, which was woken while it ran, stand aside.
func (q *globalQueue) pushAside(t *task) {
	q.mu.Lock()
	q.backlog.lines[asideLine].push(t)
	q.publishLocked()
	q.mu.Unlock()
}

// pushAll moves all of b to the ends of the queue's lines.
func (q *globalQueue) pushAll(b *backlog) {
	q.mu.Lock()
	q.backlog.append(b)
	q.publishLocked()
	q.mu.Unlock()
}

// publishLocked shows the tasks to a look without the lock. The caller holds q.mu.
func (q *globalQueue) publishLocked() {
	q.size.Store(int64(q.backlog.size()))
	q.woken.Store(int64(q.backlog.lines[wokenLine].n))
}

// pop takes a task, or returns nil. With it come up to more tasks for into.
func (q *globalQueue) pop(othersFirst bool, more int, into *backlog) *task {
	if q.size.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	t := q.backlog.pop(othersFirst)
	q.backlog.cut(min(more, q.backlog.size()), into)
	q.publishLocked()
	q.mu.Unlock()
	return t
}

// A localQueue holds the tasks that a worker made runnable.
//
// The task it made runnable last runs next: its data is warm, and two tasks that
// hand a message back and forth never wait behind the others. After streakLimit
// such turns in a row the first of the others gets one.
type localQueue struct {
	mu      atomics.Mutex
	next    *task
	streak  int // turns that next has had in a row
	backlog backlog
}

const (
	streakLimit = 32
	stealLimit  = 64 // tasks that are taken from another queue at once
)

// push makes t the next to run, and reports whether there is more than that one
// task: work for another worker.
func (q *localQueue) push(t *task) bool {
	q.mu.Lock()
	if q.next != nil {
		q.backlog.push(q.next)
	}
	q.next = t
	more := q.backlog.size() > 0
	q.mu.Unlock()
	return more
}

// pushAside makes t, which was woken while it ran, stand aside, and reports whether there
// are others.
func (q *localQueue) pushAside(t *task) bool {
	q.mu.Lock()
	more := q.next != nil || q.backlog.size() > 0
	q.backlog.lines[asideLine].push(t)
	q.mu.Unlock()
	return more
}

// takeSlotLocked takes the task in the slot if it is next. The caller holds q.mu.
func (q *localQueue) takeSlotLocked() *task { // inlined: BenchmarkSpawnAwait
	t := q.next
	if t == nil || q.streak >= streakLimit {
		return nil
	}
	q.next = nil
	q.streak++
	return t
}

// takeLocked takes the next task, or returns nil. If q has no woken task, and rival, unless
// it is nil, has one, that one is next: takeLocked returns nil. The caller holds q.mu.
func (q *localQueue) takeLocked(othersFirst bool, rival *globalQueue) *task {
	if othersFirst && q.backlog.others() > 0 {
		return q.backlog.pop(true)
	}
	if t := q.next; t != nil && (q.streak < streakLimit || q.backlog.size() == 0) {
		q.next = nil
		q.streak++
		return t
	}
	q.streak = 0
	l := &q.backlog.lines
	if l[wokenLine].n == 0 {
		if rival != nil && rival.woken.Load() > 0 {
			return nil
		}
		if l[unbegunLine].n == 0 {
			return l[asideLine].pop() // what pop would do (BenchmarkYield)
		}
	}
	return q.backlog.pop(false)
}

// steal takes a task for another worker, and more of them for into, half of what
// there is in all. The one in the slot is left to its worker.
func (q *localQueue) steal(into *backlog) *task {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min((q.backlog.size()+1)/2, stealLimit)
	t := q.backlog.pop(false)
	q.backlog.cut(n-1, into)
	return t
}

// shareLocked puts the task in the slot where others may steal it. The caller holds
// q.mu.
func (q *localQueue) shareLocked() {
	if q.next != nil {
		q.backlog.push(q.next)
		q.next = nil
	}
}

// survey reports whether steal would give a task, and whether the slot is full.
func (q *localQueue) survey() (stealable, full bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.backlog.size() > 0, q.next != nil
}

// sizeLocked returns the number of tasks. The caller holds q.mu.
func (q *localQueue) sizeLocked() int {
	n := q.backlog.size()
	if q.next != nil {
		n++
	}
	return n
}

func (q *localQueue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sizeLocked()
}
