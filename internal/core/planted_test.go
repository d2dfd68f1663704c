//go:build interleave

package core_test

import (
	"testing"

	"github.com/go-await/await/internal/interleave/planted"
)

// Wrong versions of the transitions. Each was thought of as a slip that a test
// without the right order of steps would not notice.
var bugs = []planted.Bug{
	{
		Name: "message published before it is written",
		File: "sender.go",
		Old: `	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *v
	// nil, waker or closed → message: publishes v to the receive that sees it,
	// and takes the waker. See publish. The first is the shorter way from nil.
	if old != nil || !atomics.CompareAndSwapStatic(&c.state, nil, &message) {
		old = c.state.Swap(&message)
	}
`,
		New: `	old = c.state.Swap(&message)
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *v
`,
	},
	{
		Name: "load and store instead of swap in Send",
		File: "sender.go",
		Old: `	if old != nil || !atomics.CompareAndSwapStatic(&c.state, nil, &message) {
		old = c.state.Swap(&message)
	}`,
		New: `	old = c.state.Load()
	c.state.Store(&message)`,
	},
	{
		Name: "load and store instead of swap in publish",
		File: "state.go",
		Old:  `	return c.published(c.state.Swap(s), s)`,
		New: `	old := c.state.Load()
	c.state.Store(s)
	return c.published(old, s)`,
	},
	{
		Name: "wake before the message is published",
		File: "sender.go",
		Old: `	if old != nil || !atomics.CompareAndSwapStatic(&c.state, nil, &message) {
		old = c.state.Swap(&message)
	}`,
		New: `	old = c.state.Load()
	if old != &closed {
		old.Wake()
	}
	if old = c.state.Swap(&message); old != &closed {
		old = nil
	}`,
	},
	{
		// In Rust's oneshot the receiver spins while this window is open.
		Name: "waker taken before the message is published",
		File: "sender.go",
		Old: `	if old != nil || !atomics.CompareAndSwapStatic(&c.state, nil, &message) {
		old = c.state.Swap(&message)
	}`,
		New: `	old = c.state.Swap(nil)
	c.state.Store(&message)`,
	},
	{
		Name: "short way taken although the receiver waits by now",
		File: "sender.go",
		Old: `	if old != nil || !atomics.CompareAndSwapStatic(&c.state, nil, &message) {
		old = c.state.Swap(&message)
	}`,
		New: `	if old == nil {
		atomics.CompareAndSwapStatic(&c.state, nil, &message)
	} else {
		old = c.state.Swap(&message)
	}`,
	},
	{
		Name: "look instead of claim in Send",
		File: "sender.go",
		Old:  `!atomics.CompareAndSwapStatic(&c.claim, nil, &spent) && !c.replaceInner(nil, &spent)`,
		New:  `c.claim.Load() != nil`,
	},
	{
		Name: "look instead of claim in SendResult and Close",
		File: "state.go",
		Old:  `	return c.claim.CompareAndSwap(nil, r) || c.replaceInner(nil, r)`,
		New: `	if c.claim.Load() != nil {
		return c.replaceInner(nil, r)
	}
	c.claim.Store(r)
	return true`,
		Run: `TestModelTwoSenders/^Send_.*_SendResult$`,
	},
	{
		Name: "message taken without a claim",
		File: "state.go",
		Old:  `	return s == &message && c.claim.Load() == &spent && atomics.CompareAndSwapStatic(&c.state, s, &received)`,
		New: `	if s == &message && c.claim.Load() == &spent {
		c.state.Store(&received)
		return true
	}
	return false`,
		Run: `TestModelTwoReceivers/^TryRecv_.*_TryRecv$`,
	},
	{
		Name: "failure taken without a claim",
		File: "state.go",
		Old:  `		if c.state.CompareAndSwap(s, &received) {`,
		New:  `		if c.state.Store(&received); true {`,
		Run:  `TestModelTwoReceivers/^TryRecv_.*_TryRecv$`,
	},
	{
		Name: "received message kept alive",
		File: "state.go",
		Old: `	*v = c.value
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *new(T)`,
		New: `	*v = c.value`,
	},
	{
		Name: "refused message kept alive",
		File: "state.go",
		Old: `			err = ErrClosed
			c.letGo(s)`,
		New: `			err = ErrClosed`,
	},
	{
		Name: "refused message left to be received",
		File: "state.go",
		Old:  `		if c.state.CompareAndSwap(s, &closed) {`,
		New:  `		if c.state.Load() == s {`,
		Run:  `TestModelTwoReceivers/^TryRecv_.*_Poll_Cancel$`,
	},
	{
		Name: "message let go by a sender that does not own it any more",
		File: "state.go",
		Old:  `		if c.state.CompareAndSwap(s, &closed) {`,
		New:  `		if c.state.Store(&closed); true {`,
		Run:  `TestModelTwoReceivers/^TryRecv_.*_Poll_Cancel$`,
	},
	{
		Name: "waker kept when Poll comes with another one",
		File: "receiver.go",
		Old:  `		if w == nil || s == w {`,
		New:  `		if w == nil || s != nil && !isBlocked(s) {`,
	},
	{
		Name: "message overwritten by a waker",
		File: "receiver.go",
		Old:  `		if c.state.CompareAndSwap(s, w) {`,
		New:  `		if c.state.Store(w); true {`,
	},
	{
		Name: "no second look after Poll could not register",
		File: "receiver.go",
		Old:  `		if c.state.CompareAndSwap(s, w) {`,
		New:  `		if c.state.CompareAndSwap(s, w); true {`,
	},
	{
		Name: "load and store instead of swap in Close",
		File: "receiver.go",
		Old:  `	switch old := c.state.Swap(&closed); old {`,
		New: `	old := c.state.Load()
	c.state.Store(&closed)
	switch old {`,
	},
	{
		Name: "message lost by Cancel",
		File: "receiver.go",
		Old:  `	if c.state.CompareAndSwap(s, &closed) {`,
		New:  `	if c.state.Swap(&closed); true {`,
	},
	{
		Name: "nobody woken by Close",
		File: "receiver.go",
		Old: `	default:
		c.wakeAll(old)`,
		New: `	default:`,
		Run: `TestModelTwoReceivers/^Recv_.*_Close$`,
	},
	{
		Name: "Close that leaves the claim to a sender",
		File: "state.go",
		Old:  `	if atomics.CompareAndSwapStatic(&c.claim, nil, &gone) {`,
		New:  `	if c.claim.Load() == nil {`,
	},
	{
		Name: "Close that does not mark what comes late",
		File: "state.go",
		Old:  `r == &late || c.claim.CompareAndSwap(r, &late) {`,
		New:  `r == &late || true {`,
	},
	{
		Name: "Close that marks the claim over an outer record",
		File: "state.go",
		Old:  `		r.claim.Store(&late)`,
		New:  `		c.claim.Store(&late)`,
		Run:  `TestModelTwoSenders/^Send_.*_Closed$`,
	},
	{
		Name: "claim marked after the state",
		File: "receiver.go",
		Old: `	if c.rejectSenders(); s == &closed {
		return // by a Cancel that may not have rejected senders yet
	}
	// Any state → closed: the sender's next swap finds it (rule 4).
	switch old := c.state.Swap(&closed); old {`,
		New: `	if s == &closed {
		return
	}
	old := c.state.Swap(&closed)
	c.rejectSenders()
	switch old {`,
		Run: `TestModelTwoReceivers/^Close_.*_Close$`,
	},
	{
		Name: "no mark by Close",
		File: "receiver.go",
		Old:  `	if c.rejectSenders(); s == &closed {`,
		New:  `	if s == &closed {`,
	},
	{
		Name: "no mark by Cancel",
		File: "receiver.go",
		Old: `		c.rejectSenders()
		c.wakeAll(s)`,
		New: `		c.wakeAll(s)`,
	},
	{
		Name: "message received that came late",
		File: "state.go",
		Old:  `	return s == &message && c.claim.Load() == &spent && `,
		New:  `	return s == &message && `,
	},
	{
		Name: "failure received that came late",
		File: "state.go",
		Old: `	if r == &late {
		return ErrClosed // rule 4
	}`,
		New: ``,
	},
	{
		Name: "message overwritten by a receive that gives up",
		File: "wait.go",
		Old:  `	return state.CompareAndSwap(w, before) // w → before`,
		New: `	state.Store(before)
	return true`,
	},
	{
		Name: "timer wakes a waiter that is in another use",
		File: "wait.go",
		Old:  `			if unwait(state, &w.waker, before) {`,
		New:  `			if unwait(state, &w.waker, before); true {`,
		Run:  `TestModelReuse`,
	},
	{
		Name: "waiter not woken that could not register",
		File: "wait.go",
		Old: `	case !w.enlisted:
		w.cond.Signal()`,
		New: `	case !w.enlisted:`,
	},
	{
		Name: "waker of an earlier Poll not put back",
		File: "wait.go",
		Old:  `	return state.CompareAndSwap(w, before) // w → before`,
		New:  `	return state.CompareAndSwap(w, nil)`,
		Run:  `TestModelTwoReceivers/^RecvTimeout_.*_Poll$`,
	},
	{
		Name: "waker of an earlier Poll not woken",
		File: "wait.go",
		Old:  `		before.Wake() // it was not there when the state changed`,
		New:  ``,
		Run:  `TestModelTwoReceivers/^Recv_.*_Poll$`,
	},
	{
		Name: "no second look after Closed has registered",
		File: "closed.go",
		Old: `		if !f.over() {
			return struct{}{}, false, nil
		}
	}
	if err`,
		New: `		return struct{}{}, false, nil
	}
	if err`,
		Run: `TestModelTwoSenders/^Send_.*_Closed$`,
	},
	{
		Name: "watchers not told that the Sender was used",
		File: "sender.go",
		Old:  `	if old == nil && c.claim.Load() == &spent {`,
		New:  `	if old == nil {`,
		Run:  `TestModelTwoSenders/^Send_.*_Closed$`,
	},
	{
		Name: "watchers not told that the receiver has closed",
		File: "receiver.go",
		Old:  `	if r := c.claim.Load(); r != nil && r.outer {`,
		New:  `	if r := c.claim.Load(); r != nil && r.outer && w != nil {`,
		Run:  `TestModelTwoSenders/^Send_.*_Closed$`,
	},
	{
		Name: "watcher left behind",
		File: "closed.go",
		Old:  `		w.node.waker.Store(nil) // ours → free`,
		New:  ``,
	},
	{
		Name: "value published with an error before it is written",
		File: "sender.go",
		Old: `	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *v
	tx.release()
	return c.publish(&failed)`,
		New: `	tx.release()
	refusal := c.publish(&failed)
	atomics.Write(unsafe.Pointer(&c.value))
	c.value = *v
	return refusal`,
	},
	{
		Name: "value received with an error kept alive",
		File: "state.go",
		Old: `		if c.state.CompareAndSwap(s, &received) {
			c.move(v)`,
		New: `		if c.state.CompareAndSwap(s, &received) {
			*v = c.value`,
	},
	{
		Name: "value refused with an error kept alive",
		File: "state.go",
		Old: `	case &message, &failed:
		var zero T`,
		New: `	case &message:
		var zero T`,
	},
	{
		Name: "message closed in, and not dropped",
		File: "receiver.go",
		Old:  `		if d := c.takeDrops(); d != nil {`,
		New:  `		if d := (*dropper)(nil); d != nil {`,
		Run:  `TestModelDrop/^Send$`,
	},
	{
		Name: "message dropped that was delivered",
		File: "sender.go",
		Old:  `	if refusal != nil {`,
		New:  `	if true {`,
		Run:  `TestModelDrop/^Deliver$`,
	},
	{
		Name: "value dropped that came with an error",
		File: "sender.go",
		Old: `		return tx.SendResult(v, err)
	}
	refusal`,
		New: `		refusal := tx.SendResult(v, err)
		if refusal != nil {
			dropMessage(tx.channel().takeDrops(), v)
		}
		return refusal
	}
	refusal`,
		Run: `TestModelDrop/^Deliver_failed$`,
	},
	{
		Name: "functions of OnDrop let go by a receive that lost",
		File: "state.go",
		Old: `		if atomics.CompareAndSwapStatic(&c.state, s, &received) {
			c.move(v)
			if o.outer {
				o.letGoDrops()
			}
			return nil`,
		New: `		if o.outer {
			o.letGoDrops()
		}
		if atomics.CompareAndSwapStatic(&c.state, s, &received) {
			c.move(v)
			return nil`,
		Run: `TestModelDrop/^Send$`,
	},
	{
		Name: "claim overwritten by OnDrop",
		File: "drop.go",
		Old:  `		if c.claim.CompareAndSwap(r, &first.record) {`,
		New:  `		if c.claim.Store(&first.record); true {`,
		Run:  `TestModelDrop/^Deliver$`,
	},
	{
		Name: "claim lost by OnDrop",
		File: "drop.go",
		Old:  `		first.claim.Store(r)`,
		New:  ``,
		Run:  `TestModelDrop/^Send$`,
	},
	{
		Name: "no second look after OnClose has registered",
		File: "onclose.go",
		Old:  `	if f.over() {`,
		New:  `	if false {`,
		Run:  `TestModelOnClose/^none$/^Close$`,
	},
	{
		Name: "function of OnClose called twice",
		File: "onclose.go",
		Old:  `	if f.ended.CompareAndSwap(0, 1) {`,
		New: `	if fn = f.fn; f.ended.Load() == 0 {
		f.ended.Store(1)`,
		Run: `TestModelOnClose/^none$/^Close$`,
	},
	{
		Name: "function of OnClose called for a Send",
		File: "onclose.go",
		Old:  `	if fn := f.end(); fn != nil && closed {`,
		New:  `	if fn := f.end(); fn != nil || closed {`,
		Run:  `TestModelOnClose/^Send$/^none$`,
	},
	{
		Name: "waker of an earlier Poll not put back by a task",
		File: "suspend.go",
		Old:  `			unwait(state, w, s)`,
		New:  ``,
		Run:  `TestModelSuspended/^RecvTimeout_of_a_task_.*_Poll$`,
	},
	{
		Name: "task not woken that could not register",
		File: "suspend.go",
		Old: `	if !state.CompareAndSwap(s, w) {
		return blocked(state, s, false)
	}`,
		New: `	state.CompareAndSwap(s, w)`,
		Run: `TestModelSuspended/^Recv_of_a_task$`,
	},
	{
		Name: "message overwritten by a task",
		File: "suspend.go",
		Old:  `	if !state.CompareAndSwap(s, w) {`,
		New:  `	if state.Store(w); false {`,
		Run:  `TestModelSuspended/^Recv_of_a_task$`,
	},
	{
		Name: "receiver does not ask whether another consumer waits",
		File: "receiver.go",
		Old:  `		if s != nil && isAwaited(s, self, w) {`,
		New:  `		if false {`,
		Run:  `TestModelTwoConsumers`,
	},
	{
		Name: "consumer that is replaced while it polls is not woken",
		File: "wait.go",
		Old:  `	if waits, polls := s.WaitsFor(self, w); waits || polls {`,
		New:  `	if waits, _ := s.WaitsFor(self, w); waits {`,
		Run:  `TestModelTwoConsumers`,
	},
	{
		Name: "consumer that waits once it is replaced is not woken",
		File: "wait.go",
		Old:  `	if waits, polls := s.WaitsFor(self, w); waits || polls {`,
		New:  `	if _, polls := s.WaitsFor(self, w); polls {`,
		Run:  `TestModelTwoConsumers`,
	},
	{
		Name: "consumer that lost to another one does not look again",
		File: "receiver.go",
		Old:  `			w.Wake() // another receive came at this moment: look again`,
		New:  ``,
		Run:  `TestModelTwoConsumers`,
	},
}

// Every one of them must be caught.
func TestModelPlantedBugs(t *testing.T) {
	planted.Check(t, "^TestModel(Pairs|Order)$", bugs)
}
