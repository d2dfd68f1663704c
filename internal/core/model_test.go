//go:build interleave

package core

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-await/await/future"
	"github.com/go-await/await/internal/interleave"
	"github.com/go-await/await/internal/park"
)

// A letter is a message that shows when it is torn.
type letter struct{ from, minusFrom int }

// A trial is a channel in one execution of a model, and what its users have
// seen. The lists are in no particular order.
type trial struct {
	m          *interleave.Model
	tx         end // of another channel than rx if guarded
	rx         end
	sends      []attempt
	receipts   []receipt
	watches    []*closedWatch
	closes     bool // a receiver's operation closes
	drops      bool // and lets a message go that has come
	pair       bool // one operation of each side
	rivals     bool // more than one sender's operation ends the channel
	receivers  int  // that may wait at once
	disconnect bool // a sender's operation closes
}

// An end is a Channel with the methods of oneshot's Sender and Receiver that pass
// messages by value.
type end struct{ *Channel[letter] }

func (e end) Send(v letter) error { return e.Channel.Send(&v) }

func (e end) SendResult(v letter, err error) error { return e.Channel.SendResult(&v, err) }

func (e end) TryRecv() (v letter, err error) {
	err = e.Channel.TryRecv(&v)
	return v, err
}

func (e end) Recv() (v letter, err error) {
	err = e.Channel.Recv(&v, e)
	return v, err
}

func (e end) RecvTimeout(d time.Duration) (v letter, err error) {
	err = e.Channel.RecvTimeout(d, &v, e)
	return v, err
}

func (e end) RecvContext(ctx context.Context) (v letter, err error) {
	err = e.Channel.RecvContext(ctx, &v, e)
	return v, err
}

func (e end) Poll(w *future.Waker) (v letter, ready bool, err error) {
	ready, err = e.Channel.Poll(w, e, &v)
	return v, ready, err
}

// An attempt is a Send or SendResult.
type attempt struct {
	from int
	err  error
}

// A receipt is the result of a receive.
type receipt struct {
	how string
	v   letter
	err error
}

// A failure is the error of SendResult.
type failure int

func (f failure) Error() string { return fmt.Sprintf("failure %d", int(f)) }

// A senderOp is something that the sender's side does.
type senderOp struct {
	name  string
	ends  bool // the receiver gets to know something
	large bool // makes many steps
	do    func(t *trial, from int)
}

var senderOps = []senderOp{
	{name: "Send", ends: true, do: func(t *trial, from int) {
		t.sends = append(t.sends, attempt{from, t.tx.Send(letter{from, -from})})
	}},
	{name: "SendResult", ends: true, do: func(t *trial, from int) {
		t.sends = append(t.sends, attempt{from, t.tx.SendResult(letter{from, -from}, failure(from))})
	}},
	{name: "Close", ends: true, do: func(t *trial, _ int) {
		t.tx.Disconnect()
	}},
	{name: "IsClosed", do: func(t *trial, _ int) {
		if t.tx.IsGone() && !t.closes {
			t.m.Fatalf("Sender.IsClosed, and nobody closed")
		}
	}},
	{name: "Closed", large: true, do: func(t *trial, _ int) { t.watch() }},
	drop,
}

// drop is what the cleanup of a guarded Sender does. It comes after everything
// else that the Sender does.
var drop = senderOp{name: "drop", ends: true, do: func(t *trial, _ int) { t.rx.collected() }}

// A receiverOp is something that the receiver's side does.
type receiverOp struct {
	name   string
	waits  bool // for the sender, while another one might
	polls  bool // and then with a waker that another one may replace
	closes bool
	drops  bool // closes, and lets a message go that has come
	large  bool // makes many steps
	do     func(t *trial)
}

var receiverOps = []receiverOp{
	{name: "TryRecv", do: func(t *trial) { t.received("TryRecv")(t.rx.TryRecv()) }},
	{name: "Recv", waits: true, do: func(t *trial) { t.received("Recv")(t.rx.Recv()) }},
	{name: "RecvTimeout", waits: true, large: true, do: func(t *trial) {
		t.received("RecvTimeout")(t.rx.RecvTimeout(time.Hour)) // fires whenever it likes
	}},
	{name: "RecvContext", waits: true, large: true, do: func(t *trial) {
		ctx := interleave.NewContext()
		t.m.Go("cancel", ctx.Cancel)
		t.received("RecvContext")(t.rx.RecvContext(ctx))
	}},
	{name: "Poll", waits: true, polls: true, do: func(t *trial) { t.poll(newParked()) }},
	{name: "Poll changing", waits: true, polls: true, do: func(t *trial) {
		t.poll(newParked(), newParked())
	}},
	{name: "Poll Close", waits: true, polls: true, closes: true, drops: true, do: func(t *trial) {
		if v, ready, err := t.rx.Poll(&newParked().waker); ready {
			t.received("Poll")(v, err)
		}
		t.close()
	}},
	{name: "Poll Cancel", waits: true, polls: true, closes: true, do: func(t *trial) {
		v, ready, err := t.rx.Poll(&newParked().waker)
		if !ready {
			t.rx.Cancel()
			if v, ready, err = t.rx.Poll(nil); !ready {
				t.m.Fatalf("not ready after Cancel")
			}
		}
		if t.received("Poll")(v, err); err != ErrBusy {
			t.over()
		}
	}},
	{name: "Await", waits: true, polls: true, closes: true, large: true, do: func(t *trial) {
		ctx := interleave.NewContext()
		t.m.Go("cancel", ctx.Cancel)
		t.received("Await")(future.Await[letter](ctx, t.rx))
	}},
	{name: "Close", closes: true, drops: true, do: (*trial).close},
	{name: "HasMessage", do: func(t *trial) {
		if !t.rx.HasMessage() {
			return
		}
		v, err := t.rx.TryRecv()
		if t.received("TryRecv")(v, err); err == ErrEmpty || err == ErrDisconnected {
			t.m.Fatalf("HasMessage, then %v", err)
		}
	}},
}

func (t *trial) received(how string) func(letter, error) {
	return func(v letter, err error) { t.receipts = append(t.receipts, receipt{how, v, err}) }
}

func (t *trial) close() {
	t.rx.Close()
	t.over()
}

// over checks that nothing can be received any more, whatever a Send does that
// is still under way.
func (t *trial) over() {
	if t.pair && (t.rx.HasMessage() || !t.rx.IsClosed()) {
		t.m.Fatalf("something can be received after the end")
	}
	if _, err := t.rx.TryRecv(); err != ErrClosed && err != ErrReceived {
		t.m.Fatalf("TryRecv after the end: %v", err)
	}
}

// A parked blocks a goroutine until it is woken.
type parked struct {
	waker future.Waker
	park.Parker
}

func newParked() *parked {
	p := new(parked)
	p.waker.Init(p)
	return p
}

// poll polls with one after the other and then waits with the last.
func (t *trial) poll(ps ...*parked) {
	for i := 0; ; i++ {
		p := ps[min(i, len(ps)-1)]
		if v, ready, err := t.rx.Poll(&p.waker); ready {
			t.received("Poll")(v, err)
			return
		}
		if i >= len(ps)-1 {
			p.Park()
		}
	}
}

// A closedWatch is a use of Closed.
type closedWatch struct {
	f     future.Future[struct{}]
	ready bool
	wakes atomic.Int32 // of the latest waker; looked at in the end only
}

// watch polls Closed with two wakers.
func (t *trial) watch() {
	w := &closedWatch{f: t.tx.Closed()}
	t.watches = append(t.watches, w)
	old := future.NewWaker(func() {})
	latest := future.NewWaker(func() { w.wakes.Add(1) })
	if t.pollWatch(w, old); !w.ready {
		t.pollWatch(w, latest)
	}
}

func (t *trial) pollWatch(w *closedWatch, waker *future.Waker) {
	_, ready, err := w.f.Poll(waker)
	switch {
	case !ready:
		return
	case err == nil && !t.closes, err != nil && err != ErrSent:
		t.m.Fatalf("Closed: %v", err)
	}
	w.ready = true
}

// run makes a channel and lets each list of operations run in a goroutine of its
// own, and checks what comes out of it.
func run(m *interleave.Model, senders [][]senderOp, receivers [][]receiverOp) {
	t := &trial{m: m}
	ends := 0
	collected := false
	for _, ops := range senders {
		for _, op := range ops {
			collected = collected || op.name == drop.name
			t.disconnect = t.disconnect || op.name == "Close" || op.name == drop.name
			if op.ends {
				ends++
			}
		}
	}
	t.rivals = ends > 1
	t.pair = len(senders) == 1 && len(senders[0]) == 1 && len(receivers) == 1 && len(receivers[0]) == 1
	for _, ops := range receivers {
		waits := false
		for _, op := range ops {
			t.closes = t.closes || op.closes
			t.drops = t.drops || op.drops
			waits = waits || op.waits
		}
		if waits {
			t.receivers++
		}
	}
	// A Cancel that should not be running beside another receive is a Close.
	t.drops = t.drops || t.closes && t.receivers > 1
	if collected {
		tx, rx := NewGuarded[letter]()
		t.tx, t.rx = end{tx}, end{rx}
	} else {
		t.rx = end{new(Channel[letter])}
		t.tx = t.rx
	}
	defer runtime.KeepAlive(t.tx.Channel) // the real cleanup comes later
	for _, s := range []*future.Waker{&message, &failed, &disconnected, &received, &closed, &guarded} {
		m.Name(s, stateName(s))
	}
	for name, r := range map[string]*record{"spent": &spent, "gone": &gone, "late": &late} {
		m.Name(r, name)
	}
	for i, ops := range senders {
		m.Go(fmt.Sprint("sender ", i+1), func() {
			for j, op := range ops {
				op.do(t, 10*i+j+1)
			}
			if ends == 0 {
				t.tx.Disconnect() // no receiver waits without end
			}
		})
	}
	t.disconnect = t.disconnect || ends == 0
	for i, ops := range receivers {
		m.Go(fmt.Sprint("receiver ", i+1), func() {
			for _, op := range ops {
				op.do(t)
			}
		})
	}
	m.Wait()
	t.received("in the end")(t.rx.TryRecv())
	t.judge()
	t.rx.Close()
	t.clean()
}

// judge checks the results against each other.
func (t *trial) judge() {
	winner, taken, gone := 0, 0, false
	for _, s := range t.sends {
		switch s.err {
		case nil:
			if winner != 0 {
				t.m.Fatalf("%d and %d both sent", winner, s.from)
			}
			winner = s.from
		case ErrClosed:
			t.must(t.closes, "nobody closed, but %d was refused", s.from)
		case ErrSent:
			t.must(t.rivals, "%d was told ErrSent and is alone", s.from)
		default:
			t.m.Fatalf("sender %d: %v", s.from, s.err)
		}
	}
	for _, r := range t.receipts {
		var f failure
		switch {
		case r.err == nil, errors.As(r.err, &f):
			from := max(r.v.from, int(f))
			t.must(r.v.from == -r.v.minusFrom, "torn: %v", r.v)
			t.must(r.err == nil || r.v.from == int(f), "%s: %v came with %v", r.how, r.v, r.err)
			t.must(from == winner, "%s got the message of %d, but %d has sent", r.how, from, winner)
			taken++
		case r.err == ErrDisconnected:
			gone = true
		case r.err == ErrEmpty:
			t.must(r.how == "TryRecv", "%s: %v", r.how, r.err)
		case r.err == ErrTimeout:
			t.must(r.how == "RecvTimeout", "%s: %v", r.how, r.err)
		case r.err == context.Canceled:
			t.must(r.how == "RecvContext" || r.how == "Await", "%s: %v", r.how, r.err)
		case r.err == ErrBusy:
			t.must(t.receivers > 1, "%s: nobody else waits, but %v", r.how, r.err)
		case r.err == ErrClosed:
			t.must(t.closes, "%s: nobody closed, but %v", r.how, r.err)
		case r.err == ErrReceived:
			// Checked below, when all are known.
		default:
			t.m.Fatalf("%s: %v", r.how, r.err)
		}
	}
	t.must(taken <= 1, "%d receives got the message", taken)
	t.must(winner != 0 || taken == 0, "a message out of nothing")
	t.must(!gone || t.disconnect, "nobody disconnected")
	t.must(!gone || winner == 0, "%d has sent, but a receive was told that it is gone", winner)
	t.must(winner == 0 || taken == 1 || t.drops, "the message of %d was lost", winner)
	t.must(winner != 0 || gone || t.closes, "nobody has won")
	for _, r := range t.receipts {
		t.must(r.err != ErrReceived || taken == 1 || gone, "%s: nobody received, but %v", r.how, r.err)
	}
}

func (t *trial) must(ok bool, format string, args ...any) {
	if !ok {
		t.m.Fatalf(format, args...)
	}
}

// clean checks that nothing is left behind once both sides are done.
func (t *trial) clean() {
	t.must(t.rx.value == letter{}, "the channel keeps %v", t.rx.value)
	t.must(isFinal(t.rx.state.Load()), "the state is %s", stateName(t.rx.state.Load()))
	for _, w := range t.watches {
		t.must(w.ready || w.wakes.Load() > 0, "Closed is pending and was not woken")
		if !w.ready {
			t.closes = true // by now
			t.pollWatch(w, nil)
			t.must(w.ready, "Closed is pending in the end")
		}
	}
	if r := t.rx.claim.Load(); r != nil {
		for n := r.watchers.Load(); n != nil; n = n.next {
			t.must(n.waker.Load() == nil, "a watcher is left behind")
		}
	}
}

// check explores a model under a name: all of it if it is of two operations or
// of small ones that do not close the receiver, and otherwise with at most three
// preemptions, two if there is a large one, or one if all are large.
func check(t *testing.T, name string, senders [][]senderOp, receivers [][]receiverOp) {
	ops, large, closes := 0, 0, 0
	count := func(isLarge bool) {
		if ops++; isLarge {
			large++
		}
	}
	for _, list := range senders {
		for _, op := range list {
			count(op.large)
		}
	}
	for _, list := range receivers {
		for _, op := range list {
			count(op.large)
			if op.closes {
				closes++
			}
		}
	}
	var opts []interleave.Option
	switch {
	case ops == 2 || large+closes == 0:
	case large == 0:
		opts = append(opts, interleave.Preemptions(3))
	case large < ops:
		opts = append(opts, interleave.Preemptions(2))
	default:
		opts = append(opts, interleave.Preemptions(1))
	}
	t.Run(name, func(t *testing.T) {
		interleave.Check(t, func(m *interleave.Model) { run(m, senders, receivers) }, opts...)
	})
}

// Each operation of one side with each of the other.
func TestModelPairs(t *testing.T) {
	for _, r := range receiverOps {
		for _, s := range senderOps {
			check(t, r.name+"/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{r}})
		}
	}
}

// Any two operations of senders at once with each of the receiver's. drop comes
// after everything else.
func TestModelTwoSenders(t *testing.T) {
	for i, s1 := range senderOps {
		for _, s2 := range senderOps[i:] {
			senders := [][]senderOp{{s1}, {s2}}
			if s2.name == drop.name {
				senders = [][]senderOp{{s1, s2}}
			}
			for _, r := range receiverOps {
				check(t, s1.name+" + "+s2.name+"/"+r.name, senders, [][]receiverOp{{r}})
			}
		}
	}
}

// Any two operations of the receiver, one after the other, with each of the
// sender's.
func TestModelTwoReceives(t *testing.T) {
	for _, r1 := range receiverOps {
		for _, r2 := range receiverOps {
			for _, s := range senderOps {
				check(t, r1.name+", "+r2.name+"/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{r1, r2}})
			}
		}
	}
}

// Any two operations of receivers at once with each of the sender's. Two that
// poll are left out: only the waker of the latest Poll is woken.
func TestModelTwoReceivers(t *testing.T) {
	for i, r1 := range receiverOps {
		for _, r2 := range receiverOps[i:] {
			if r1.polls && r2.polls {
				continue
			}
			for _, s := range senderOps {
				check(t, r1.name+" + "+r2.name+"/"+s.name, [][]senderOp{{s}}, [][]receiverOp{{r1}, {r2}})
			}
		}
	}
}

// What one goroutine has done before another one begins is seen by that.
func TestModelOrder(t *testing.T) {
	type row struct {
		before, after string
		first         func(t *trial)
		then          func(t *trial) (got, want any)
	}
	send := func(t *trial) { t.tx.Send(letter{1, -1}) }
	closeReceiver := func(t *trial) { t.rx.Close() }
	closeSender := func(t *trial) { t.tx.Disconnect() }
	poll := func(t *trial) { t.rx.Poll(future.NewWaker(func() { t.receivers++ })) }
	for _, r := range []row{
		{"Close", "Send", closeReceiver, func(t *trial) (got, want any) { return t.tx.Send(letter{}), ErrClosed }},
		{"Close", "SendResult", closeReceiver, func(t *trial) (got, want any) { return t.tx.SendResult(letter{}, failure(1)), ErrClosed }},
		{"Close", "Sender.IsClosed", closeReceiver, func(t *trial) (got, want any) { return t.tx.IsGone(), true }},
		{"Close", "TryRecv", closeReceiver, func(t *trial) (got, want any) { _, err := t.rx.TryRecv(); return err, ErrClosed }},
		{"Send", "TryRecv", send, func(t *trial) (got, want any) { v, _ := t.rx.TryRecv(); return v, letter{1, -1} }},
		{"Send", "HasMessage", send, func(t *trial) (got, want any) { return t.rx.HasMessage(), true }},
		{"Send", "IsClosed", send, func(t *trial) (got, want any) { return t.rx.IsClosed(), false }},
		{"Send", "Send", send, func(t *trial) (got, want any) { return t.tx.Send(letter{}), ErrSent }},
		{"Sender.Close", "TryRecv", closeSender, func(t *trial) (got, want any) { _, err := t.rx.TryRecv(); return err, ErrDisconnected }},
		{"Sender.Close", "IsClosed", closeSender, func(t *trial) (got, want any) { return t.rx.IsClosed(), true }},
		{"Poll", "Send", poll, func(t *trial) (got, want any) { send(t); return t.receivers, 1 }},
		{"Poll", "Sender.Close", poll, func(t *trial) (got, want any) { closeSender(t); return t.receivers, 1 }},
		{"Poll", "Close", poll, func(t *trial) (got, want any) { closeReceiver(t); return t.receivers, 1 }},
	} {
		t.Run(r.before+"/"+r.after, func(t *testing.T) {
			interleave.Check(t, func(m *interleave.Model) {
				t := newTrial(m)
				var done interleave.Uint32
				m.Go("before", func() {
					r.first(t)
					done.Store(1)
				})
				m.Go("bystander", func() { t.tx.IsGone(); t.rx.HasMessage() })
				if done.Load() == 1 {
					got, want := r.then(t)
					t.must(got == want, "%s, then %s: %v, want %v", r.before, r.after, got, want)
				}
			})
		})
	}
}

// A waiter that is used again, by another channel, is not woken by what is left
// of its first use.
func TestModelReuse(t *testing.T) {
	for _, first := range receiverOps {
		if !first.waits || first.polls {
			continue
		}
		for _, second := range receiverOps {
			if second.name != "Recv" && second.name != "RecvTimeout" {
				continue
			}
			t.Run(first.name+"/"+second.name, func(t *testing.T) {
				interleave.Check(t, func(m *interleave.Model) {
					one, two := newTrial(m), newTrial(m)
					m.Go("one", func() { one.tx.Send(letter{1, -1}) })
					m.Go("two", func() { two.tx.Send(letter{2, -2}) })
					first.do(one)
					second.do(two)
					if r := two.receipts[0]; r.v.from != 2 && (r.how == "Recv" || r.err != ErrTimeout) {
						m.Fatalf("%s: %v, %v", r.how, r.v, r.err)
					}
				}, interleave.Preemptions(3))
			})
		}
	}
}

func newTrial(m *interleave.Model) *trial {
	c := end{new(Channel[letter])}
	return &trial{m: m, tx: c, rx: c}
}
