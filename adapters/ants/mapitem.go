package ants

// An item is a value on its way, and then its result.
//
//	spare ──add──▶ todo ──next──▶ a worker calls fn ──next──▶ done ──deliver──▶ spare
//
// From when it is added to when it is delivered it is in flight, and counted by
// the outbox. It is used again and again: there are never more than are in flight
// at once.
type item[A, R any] struct {
	arg      A
	res      R
	err      error
	done     bool
	nextTodo *item[A, R] // of todo and of spare
	nextOut  *item[A, R]
}

// A todo has the items that no worker has begun, in the order of the values.
type todo[A, R any] struct {
	first, last *item[A, R]
	len         int
}

func (l *todo[A, R]) push(it *item[A, R]) {
	if l.first == nil {
		l.first = it
	} else {
		l.last.nextTodo = it
	}
	l.last = it
	l.len++
}

func (l *todo[A, R]) pop() *item[A, R] {
	it := l.first
	if it != nil {
		l.first, it.nextTodo = it.nextTodo, nil
		l.len--
	}
	return it
}

// An outbox has the items in flight in the order in which they are delivered. That
// is all there is to Map and MapUnordered: in order, an item takes its place when
// it is added, and those behind it wait for it; otherwise when it is done.
type outbox[A, R any] struct {
	ordered     bool
	first, last *item[A, R]
	len         int // items in flight, whether they have a place yet or not
}

// added is told of an item that is to be done.
func (o *outbox[A, R]) added(it *item[A, R]) {
	o.len++
	if o.ordered {
		o.push(it)
	}
}

// finished is told that it is done.
func (o *outbox[A, R]) finished(it *item[A, R]) {
	it.done = true
	if !o.ordered {
		o.push(it)
	}
}

func (o *outbox[A, R]) push(it *item[A, R]) {
	if o.first == nil {
		o.first = it
	} else {
		o.last.nextOut = it
	}
	o.last = it
}

// ready reports whether there is something to take.
func (o *outbox[A, R]) ready() bool { return o.first != nil && o.first.done }

// take takes what is done from the front, linked by nextOut.
func (o *outbox[A, R]) take() *item[A, R] {
	first := o.first
	var last *item[A, R]
	for it := first; it != nil && it.done; it = it.nextOut {
		last = it
		o.len--
	}
	if last == nil {
		return nil
	}
	o.first, last.nextOut = last.nextOut, nil
	if o.first == nil {
		o.last = nil
	}
	return first
}
