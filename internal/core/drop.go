package core

// OnDrop is OnDrop of oneshot.Receiver.
//
// # How a function and the message that it is for find each other
//
// The functions are in an outer record, which OnDrop puts before the claim, whatever
// that is. They are looked for by what lets a message go: by a Close that has taken
// it away, and by a Deliver that was refused because the receiver had closed. If
// OnDrop was called before that Close, its step came before theirs.
func (c *Channel[T]) OnDrop(fn func(T)) {
	if c == nil {
		panicNil("OnDrop", "Receiver")
	}
	if fn == nil {
		panic("oneshot: OnDrop of a nil function")
	}
	first := &struct {
		record
		dropper
	}{record{outer: true}, dropper{fn: fn}}
	first.record.drops.Store(&first.dropper)
	for {
		r := c.claim.Load()
		if r != nil && r.outer {
			first.next = r.drops.Load()
			// Push: publishes fn. It is tried again only if another OnDrop was
			// called meanwhile.
			if r.drops.CompareAndSwap(first.next, &first.dropper) {
				return
			}
			continue
		}
		first.claim.Store(r)
		// r → outer. It is tried again only if the claim went on, which it does
		// at most four times: from held, to a sender's, to late, to an outer record.
		if c.claim.CompareAndSwap(r, &first.record) {
			return
		}
	}
}

// A dropper is a node of an outer record's list.
type dropper struct {
	fn   any // a func(T)
	next *dropper
}

// takeDrops takes the functions of OnDrop, for a message that no receive will return.
func (c *Channel[T]) takeDrops() *dropper {
	if r := c.claim.Load(); r != nil && r.outer {
		return r.drops.Swap(nil) // the nodes are the caller's
	}
	return nil
}

// letGoDrops forgets the functions of OnDrop in an outer record: there is no message
// for them any more. The record that a node was allocated with may keep the node.
func (r *record) letGoDrops() {
	for d := r.drops.Swap(nil); d != nil; d = d.next { // the nodes are ours
		d.fn = nil
	}
}

// dropMessage gives v, which no receive will return, to the functions from d on, also
// if one of them panics, and forgets them. The nodes are the caller's.
func dropMessage[T any](d *dropper, v *T) {
	if d == nil {
		return
	}
	defer dropMessage(d.next, v)
	fn := d.fn.(func(T))
	d.fn = nil
	fn(*v)
}
