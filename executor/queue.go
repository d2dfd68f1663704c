package executor

import "github.com/go-await/await/internal/atomics"

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

// cut moves the first n tasks to the end of into.
func (l *list) cut(n int, into *list) {
	for ; n > 0; n-- {
		into.push(l.pop())
	}
}

// A globalQueue holds the tasks that were made runnable by somebody who is no
// worker of the executor.
type globalQueue struct {
	mu   atomics.Mutex
	list list
	size atomics.Int64 // of list, so that a look at an empty queue takes no lock
}

func (q *globalQueue) push(t *task) {
	q.mu.Lock()
	q.list.push(t)
	q.size.Store(int64(q.list.n)) // publishes the task to a look without the lock
	q.mu.Unlock()
}

// pushAll moves all of l to the end of the queue.
func (q *globalQueue) pushAll(l list) {
	q.mu.Lock()
	q.list.append(l)
	q.size.Store(int64(q.list.n)) // publishes the tasks to a look without the lock
	q.mu.Unlock()
}

// pop takes a task, or returns nil. With it come up to more tasks for into.
func (q *globalQueue) pop(more int, into *list) *task {
	if q.size.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	t := q.list.pop()
	q.list.cut(min(more, q.list.n), into)
	q.size.Store(int64(q.list.n))
	q.mu.Unlock()
	return t
}

// A localQueue holds the tasks that a worker made runnable.
//
// The task it made runnable last runs next: its data is warm, and two tasks that
// hand a message back and forth never wait behind the others. After streakLimit
// such turns in a row the oldest task gets one.
type localQueue struct {
	mu     atomics.Mutex
	next   *task
	list   list
	streak int // turns that next has had in a row
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
		q.list.push(q.next)
	}
	q.next = t
	more := q.list.n > 0
	q.mu.Unlock()
	return more
}

// pushBack makes t the last to run, and reports whether there are others.
func (q *localQueue) pushBack(t *task) bool {
	q.mu.Lock()
	more := q.next != nil || q.list.n > 0
	q.list.push(t)
	q.mu.Unlock()
	return more
}

// takeLocked takes the next task, or returns nil. The caller holds q.mu.
func (q *localQueue) takeLocked() *task {
	if t := q.next; t != nil && (q.streak < streakLimit || q.list.n == 0) {
		q.next = nil
		q.streak++
		return t
	}
	q.streak = 0
	return q.list.pop()
}

// steal takes a task for another worker, and more of them for into, half of what
// there is in all. The freshest task is left to its worker.
func (q *localQueue) steal(into *list) *task {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min((q.list.n+1)/2, stealLimit)
	t := q.list.pop()
	q.list.cut(n-1, into)
	return t
}

// shareLocked puts the freshest task where others may steal it. The caller holds
// q.mu.
func (q *localQueue) shareLocked() {
	if q.next != nil {
		q.list.push(q.next)
		q.next = nil
	}
}

// survey reports whether steal would give a task, and whether the slot is full.
func (q *localQueue) survey() (stealable, full bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.list.n > 0, q.next != nil
}

func (q *localQueue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.list.n
	if q.next != nil {
		n++
	}
	return n
}
