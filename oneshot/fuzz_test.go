package oneshot_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A reference is a oneshot as plain as can be: fields behind a mutex.
type reference struct {
	mutex   sync.Mutex
	used    bool // the sender has ended
	gone    bool // the receiver has closed
	taken   bool // the result was received
	result  future.Result[int]
	come    bool // there is, or was, a result
	waker   int  // of the latest pending Poll, or -1
	wakes   [3]int
	watches []watch // the futures of Closed
	closers []int   // of each OnClose: pending, or what has become of it
	calls   int     // of the functions of OnClose
	drops   int     // functions of OnDrop
	dropped []int   // what they were called with
}

// What becomes of a function of OnClose.
const (
	pending = iota
	stopped
)

// endClosers ends the functions of OnClose that are pending.
func (r *reference) endClosers(call bool) {
	for i, c := range r.closers {
		if c == pending {
			r.closers[i] = stopped
			if call {
				r.calls++
			}
		}
	}
}

// onClose is OnClose.
func (r *reference) onClose() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.closers = append(r.closers, pending)
	if r.gone || r.used {
		r.endClosers(r.gone)
	}
}

// stop is the stop of the function number i of OnClose.
func (r *reference) stop(i int) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	was := r.closers[i]
	r.closers[i] = stopped
	return was == pending
}

// drop drops v.
func (r *reference) drop(v int) {
	for range r.drops {
		r.dropped = append(r.dropped, v)
	}
	r.drops = 0
}

// deliver is an end whose value is dropped if it is refused.
func (r *reference) deliver(v int, err error) error {
	refusal := r.end(v, err)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if refusal != nil && err == nil {
		r.drop(v)
	}
	return refusal
}

// A watch is a future of Closed. Waker 2 is theirs.
type watch struct{ pending, ended bool }

func newReference() *reference { return &reference{waker: -1} }

// wake wakes the receiver.
func (r *reference) wake() {
	if r.waker >= 0 {
		r.wakes[r.waker]++
		r.waker = -1
	}
}

// tell wakes the sender's side.
func (r *reference) tell() {
	for _, w := range r.watches {
		if w.pending {
			r.wakes[2]++
		}
	}
}

// end ends the sender's side.
func (r *reference) end(v int, err error) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case r.used:
		return oneshot.ErrSent
	case r.gone && err == oneshot.ErrDisconnected:
		r.used = true // Close of a Sender always counts
		return oneshot.ErrClosed
	case r.gone:
		return oneshot.ErrClosed
	}
	r.used, r.come = true, true
	r.result = future.Result[int]{Value: v, Err: err}
	r.wake()
	r.tell()
	r.endClosers(false)
	return nil
}

// receive takes the result, or returns empty if there is none.
func (r *reference) receive(empty error) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case r.gone:
		return 0, oneshot.ErrClosed
	case r.taken:
		return 0, oneshot.ErrReceived
	case !r.come:
		return 0, empty
	}
	r.drops = 0
	if r.result.Err == oneshot.ErrDisconnected {
		return 0, r.result.Err
	}
	r.taken = true
	return r.result.Value, r.result.Err
}

// poll is Poll with the waker of that number, or -1.
func (r *reference) poll(waker int) (int, bool, error) {
	v, err := r.receive(errPending)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err == errPending {
		if waker >= 0 {
			r.waker = waker
		}
		return 0, false, nil
	}
	if err == oneshot.ErrDisconnected {
		r.taken = true
	}
	return v, true, err
}

// leave is Close, or Cancel if a result is to stay.
func (r *reference) leave(keep bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.gone || r.taken || keep && r.come {
		return
	}
	r.gone = true
	if !r.come {
		r.wake()
		r.tell()
		r.endClosers(true)
	} else if r.result.Err == nil {
		r.drop(r.result.Value)
	}
}

func (r *reference) hasMessage() bool {
	return r.come && !r.taken && !r.gone && r.result.Err == nil
}

func (r *reference) isClosed() bool { return (r.come || r.gone) && !r.hasMessage() }

// pollClosed polls the future number i of Closed.
func (r *reference) pollClosed(i int) (ready bool, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case r.watches[i].ended:
		return true, future.ErrConsumed
	case !r.gone && !r.used:
		r.watches[i].pending = true
		return false, nil
	}
	r.watches[i] = watch{ended: true}
	if r.gone {
		return true, nil
	}
	return true, oneshot.ErrSent
}

// An op is an operation of either side.
type op byte

const (
	send op = iota
	fail
	sendResult
	deliverTo
	senderClose
	senderIsClosed
	tryRecv
	recvTimeoutZero
	recvTimeout
	recvContext
	recv
	poll0
	poll1
	pollNil
	closeReceiver
	cancel
	closed
	pollClosed
	onClose
	stopOnClose
	onDrop
	ops
)

var ended = func() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errGone)
	return ctx
}()

// compare does the operations to a oneshot and to the reference, and compares
// every result and every wake.
func compare(t *testing.T, sequence []op) {
	tx, rx := oneshot.New[int]()
	ref := newReference()
	counters := [3]*counter{newCounter(), newCounter(), newCounter()}
	var watches []future.Future[struct{}]
	var stops []func() bool
	var dropped []int
	calls := 0
	type result struct {
		v     int
		ready bool
		err   error
	}
	both := func(v int, err error) result { return result{v, true, err} }
	polled := func(v int, ready bool, err error) result { return result{v, ready, err} }
	for i, o := range sequence {
		same := func(what string, got, want any) {
			if got != want {
				t.Fatalf("%v, step %d: %s: %v, want %v", sequence, i, what, got, want)
			}
		}
		switch o {
		case send:
			same("Send", tx.Send(i+1), ref.end(i+1, nil))
		case fail:
			same("Fail", tx.Fail(errFailed), ref.end(0, errFailed))
		case sendResult:
			same("SendResult", tx.SendResult(i+1, errFailed), ref.end(i+1, errFailed))
		case deliverTo:
			same("Deliver", oneshot.Deliver(tx, i+1, nil), ref.deliver(i+1, nil))
		case senderClose:
			ref.end(0, oneshot.ErrDisconnected)
			same("Sender.Close", tx.Close(), nil)
		case senderIsClosed:
			same("Sender.IsClosed", tx.IsClosed(), ref.gone)
		case tryRecv:
			same("TryRecv", both(rx.TryRecv()), both(ref.receive(oneshot.ErrEmpty)))
		case recvTimeoutZero:
			same("RecvTimeout(0)", both(rx.RecvTimeout(0)), both(ref.receive(oneshot.ErrTimeout)))
		case recvTimeout:
			same("RecvTimeout", both(rx.RecvTimeout(1)), both(ref.receive(oneshot.ErrTimeout)))
		case recvContext:
			same("RecvContext", both(rx.RecvContext(ended)), both(ref.receive(errGone)))
		case recv:
			if ref.come || ref.gone { // or it would wait for ever
				same("Recv", both(rx.Recv()), both(ref.receive(nil)))
			}
		case poll0, poll1:
			n := int(o - poll0)
			same("Poll", polled(counters[n].poll(rx)), polled(ref.poll(n)))
		case pollNil:
			same("Poll with nil", polled(rx.Poll(nil)), polled(ref.poll(-1)))
		case closeReceiver:
			rx.Close()
			ref.leave(false)
		case cancel:
			rx.Cancel()
			ref.leave(true)
		case closed:
			watches = append(watches, tx.Closed())
			ref.watches = append(ref.watches, watch{})
		case pollClosed:
			if n := len(watches); n > 0 {
				_, ready, err := watches[i%n].Poll(counters[2].waker)
				wantReady, wantErr := ref.pollClosed(i % n)
				same("Closed", result{0, ready, err}, result{0, wantReady, wantErr})
			}
		case onClose:
			stops = append(stops, tx.OnClose(func() { calls++ }))
			ref.onClose()
		case stopOnClose:
			if n := len(stops); n > 0 {
				same("stop", stops[i%n](), ref.stop(i%n))
			}
		case onDrop:
			rx.OnDrop(func(v int) { dropped = append(dropped, v) })
			ref.drops++
		}
		same("IsOver", tx.IsOver(), ref.used || ref.gone)
		same("calls of OnClose's functions", calls, ref.calls)
		if !slices.Equal(dropped, ref.dropped) {
			same("dropped", fmt.Sprint(dropped), fmt.Sprint(ref.dropped))
		}
		same("HasMessage", rx.HasMessage(), ref.hasMessage())
		same("IsClosed", rx.IsClosed(), ref.isClosed())
		for n, c := range counters {
			same("wakes", int(c.wakes.Load()), ref.wakes[n])
		}
	}
}

func FuzzOperations(f *testing.F) {
	for _, seed := range [][]op{
		{tryRecv, send, tryRecv, tryRecv},
		{poll0, recvTimeout, send, poll0, poll0},
		{poll0, poll1, fail, poll0, recv},
		{closed, pollClosed, poll0, closeReceiver, send, pollClosed},
		{send, cancel, tryRecv, closeReceiver, tryRecv},
		{senderClose, poll0, poll0, tryRecv},
		{onDrop, sendResult, poll0, onDrop, closeReceiver},
		{onClose, onDrop, closed, onClose, cancel, deliverTo},
		{send, onDrop, onClose, closeReceiver},
	} {
		var data []byte
		for _, o := range seed {
			data = append(data, byte(o))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var sequence []op
		for _, b := range data[:min(len(data), 50)] {
			sequence = append(sequence, op(b)%ops)
		}
		compare(t, sequence)
	})
}

// Every sequence of four operations (three in short mode).
func TestEverySequence(t *testing.T) {
	sequence := make([]op, 4)
	if testing.Short() {
		sequence = sequence[:3]
	}
	for {
		compare(t, sequence)
		i := 0
		for sequence[i]++; sequence[i] == ops; sequence[i]++ {
			sequence[i] = 0
			if i++; i == len(sequence) {
				return
			}
		}
	}
}
