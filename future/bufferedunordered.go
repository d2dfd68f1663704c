package future

import (
	"context"
	"iter"
	"reflect"
)

// BufferedUnordered returns an iterator over the results of the futures in seq, in
// the order in which they complete, with at most n of them running at a time. So a
// slow future holds up no other. It is like [Buffered] in everything else: when ctx
// ends the results that are there come, and then the cause. A future that is running
// takes 64 bytes and 8 in a list.
func BufferedUnordered[T any](ctx context.Context, seq iter.Seq[Future[T]], n int) iter.Seq2[T, error] {
	checkStream(ctx, seq, "BufferedUnordered")
	return func(yield func(T, error) bool) {
		stream(ctx, seq, max(n, 1), new(unordered[T]), yield)
	}
}

// An unordered is a window that gives the results in the order in which they come.
type unordered[T any] struct {
	set    Set[T]
	result Result[T]
	done   bool // there is a result
}

func (u *unordered[T]) add(f Future[T]) { u.set.Add(f) }

// more polls what was added and woken, if that is not to be waited for.
func (u *unordered[T]) more(limit int) bool {
	if !u.done && u.set.Len() > 0 && u.set.Len() <= limit {
		_, _, _ = u.Poll(nil)
	}
	return u.done || u.set.Len() > limit
}

func (u *unordered[T]) pop() Result[T] {
	u.done = false
	return u.result
}

// Poll takes a result out of the set, if there is none yet.
func (u *unordered[T]) Poll(w *Waker) (_ struct{}, ready bool, err error) {
	if !u.done {
		u.result, _, u.done, _ = u.set.poll(w)
	}
	return struct{}{}, u.done, nil
}

func (u *unordered[T]) giveUp(yield func(T, error) bool) bool {
	if u.done && !yield(u.result.Value, u.result.Err) {
		return false
	}
	u.done = false
	u.set.queue.end()
	for _, c := range u.set.children {
		Cancel(c.src)
	}
	for len(u.set.children) > 0 {
		c := u.set.children[0]
		u.set.remove(c)
		l := canceled
		v, kept, err := salvage(&l, c.src)
		if kept && !yield(v, err) {
			return false
		}
	}
	return true
}

func (u *unordered[T]) cancel() { u.set.Cancel() }

func (u *unordered[T]) String() string { return typeName("BufferedUnordered", reflect.TypeFor[T]()) }
