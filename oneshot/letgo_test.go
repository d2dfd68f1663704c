package oneshot_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A message is let go as soon as nobody can receive it: neither end keeps alive
// what it refers to.
func TestMessageIsLetGo(t *testing.T) {
	type message = *[1024]byte
	type channel struct {
		tx *oneshot.Sender[message]
		rx *oneshot.Receiver[message]
	}
	for _, c := range []struct {
		name, reason string
		do           func(c channel, m message)
	}{
		{"received by TryRecv", "it is the caller's", func(c channel, m message) { c.tx.Send(m); c.rx.TryRecv() }},
		{"received by Recv", "it is the caller's", func(c channel, m message) { c.tx.Send(m); c.rx.Recv() }},
		{"received by RecvTimeout", "it is the caller's", func(c channel, m message) { c.tx.Send(m); c.rx.RecvTimeout(0) }},
		{"received by Poll", "it is the caller's", func(c channel, m message) { c.tx.Send(m); c.rx.Poll(nil) }},
		{"received by one that waits", "the pooled waiter keeps nothing", func(c channel, m message) {
			go func() {
				time.Sleep(time.Millisecond)
				c.tx.Send(m)
			}()
			c.rx.Recv()
		}},
		{"received with an error", "it is the caller's", func(c channel, m message) { c.tx.SendResult(m, errFailed); c.rx.TryRecv() }},
		{"closed after SendResult", "it will not be received", func(c channel, m message) { c.tx.SendResult(m, errFailed); c.rx.Close() }},
		{"refused with an error", "it was not sent", func(c channel, m message) { c.rx.Close(); c.tx.SendResult(m, errFailed) }},
		{"dropped", "it is the caller's", func(c channel, m message) {
			c.rx.OnDrop(func(message) {})
			c.tx.Send(m)
			c.rx.Close()
		}},
		{"closed after Send", "nobody will receive it", func(c channel, m message) { c.tx.Send(m); c.rx.Close() }},
		{"refused", "it was not sent", func(c channel, m message) { c.rx.Close(); c.tx.Send(m) }},
		{"second Send", "it was not sent", func(c channel, m message) { c.tx.Send(nil); c.tx.Send(m) }},
		{"sent after Close", "it was not sent", func(c channel, m message) { c.tx.Close(); c.tx.Send(m) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := func(tx *oneshot.Sender[message], rx *oneshot.Receiver[message]) {
				m := new([1024]byte)
				gone := weak.Make(m)
				c.do(channel{tx, rx}, m)
				m = nil
				runtime.GC()
				if gone.Value() != nil {
					t.Errorf("the channel keeps the message: %s", c.reason)
				}
				runtime.KeepAlive(tx)
				runtime.KeepAlive(rx)
			}
			check(oneshot.New[message]())
			check(oneshot.NewGuarded[message]())
		})
	}
}

// A channel does not keep wakers either, once they cannot be needed.
func TestWakerIsLetGo(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		do           func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], w *future.Waker)
	}{
		{"woken", "it was woken", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], w *future.Waker) {
			rx.Poll(w)
			tx.Send(1)
		}},
		{"replaced", "there is a later one", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], w *future.Waker) {
			rx.Poll(w)
			rx.Poll(newCounter().waker)
		}},
		{"cancelled", "nobody will poll", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], w *future.Waker) {
			rx.Poll(w)
			rx.Cancel()
		}},
		{"sender's, cancelled", "nobody will poll", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], w *future.Waker) {
			f := tx.Closed()
			f.Poll(w)
			future.Cancel(f)
		}},
		{"sender's, ready", "it has been told", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], w *future.Waker) {
			f := tx.Closed()
			f.Poll(w)
			rx.Close()
			f.Poll(w)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			w := newCounter()
			gone := weak.Make(w)
			c.do(tx, rx, w.waker)
			w = nil
			runtime.GC()
			if gone.Value() != nil {
				t.Errorf("the channel keeps the waker: %s", c.reason)
			}
			runtime.KeepAlive(tx)
			runtime.KeepAlive(rx)
		})
	}
}

// A channel keeps no function that it will not call any more.
func TestFunctionsAreLetGo(t *testing.T) {
	use := func(p *[1024]byte) func() { return func() { p[0]++ } }
	drop := func(p *[1024]byte) func(int) { return func(int) { p[0]++ } }
	for _, c := range []struct {
		name, reason string
		do           func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte)
	}{
		{"OnClose, stopped", "it was stopped", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte) {
			tx.OnClose(use(p))()
		}},
		{"OnClose, called", "it is called once", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte) {
			tx.OnClose(use(p))
			rx.Close()
		}},
		{"OnClose, sent", "it is for an unused Sender", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte) {
			tx.OnClose(use(p))
			tx.Send(1)
		}},
		{"OnDrop, received", "there is no other message", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte) {
			rx.OnDrop(drop(p))
			tx.Send(1)
			rx.TryRecv()
		}},
		{"OnDrop, received with an error", "there is no other message", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte) {
			rx.OnDrop(drop(p))
			tx.SendResult(1, errFailed)
			rx.TryRecv()
		}},
		{"OnDrop, disconnected", "no message will come", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte) {
			rx.OnDrop(drop(p))
			tx.Close()
			rx.TryRecv()
		}},
		{"OnDrop, dropped", "it is called once", func(tx *oneshot.Sender[int], rx *oneshot.Receiver[int], p *[1024]byte) {
			rx.OnDrop(drop(p))
			tx.Send(1)
			rx.Close()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tx, rx := oneshot.New[int]()
			p := new([1024]byte)
			gone := weak.Make(p)
			c.do(tx, rx, p)
			p = nil
			runtime.GC()
			if gone.Value() != nil {
				t.Errorf("the channel keeps the function: %s", c.reason)
			}
			runtime.KeepAlive(tx)
			runtime.KeepAlive(rx)
		})
	}
}

// Messages of any size arrive whole.
func TestLargeMessage(t *testing.T) {
	type large [1 << 16]byte
	var m large
	for i := range m {
		m[i] = byte(i * 31 >> 3)
	}
	tx, rx := oneshot.New[large]()
	go tx.Send(m)
	if got, err := rx.Recv(); err != nil || got != m {
		t.Errorf("another message, or %v", err)
	}
	empty, err := rx.Recv()
	if err != oneshot.ErrReceived || empty != (large{}) {
		t.Errorf("again: %v", err)
	}
}
