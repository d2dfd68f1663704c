//go:build interleave

package core

import (
	"testing"

	"github.com/go-await/await/internal/interleave"
)

// A dropSend is what a sender does in a model of OnDrop.
type dropSend struct {
	name    string
	failed  bool // the value comes with an error
	deliver bool // it is dropped if it is refused
	do      func(c end, v letter) error
}

var dropSends = []dropSend{
	{name: "Send", do: end.Send},
	{name: "SendResult", failed: true, do: func(c end, v letter) error { return c.SendResult(v, failure(1)) }},
	{name: "Deliver", deliver: true, do: func(c end, v letter) error { return c.Deliver(&v, nil) }},
	{name: "Deliver failed", failed: true, deliver: true, do: func(c end, v letter) error { return c.Deliver(&v, failure(1)) }},
	{name: "Closed Deliver", deliver: true, do: func(c end, v letter) error {
		c.Closed().Poll(&newParked().waker)
		return c.Deliver(&v, nil)
	}},
	{name: "Close", do: func(c end, _ letter) error {
		c.Disconnect()
		return ErrSent
	}},
}

// dropReceives are what the owner of a Receiver does after OnDrop. A beside is done
// by another goroutine meanwhile.
var dropReceives = []struct {
	name   string
	do     func(d *dropTrial)
	beside func(d *dropTrial)
}{
	{"Close", func(d *dropTrial) { d.c.Close() }, nil},
	{"Cancel, Poll", func(d *dropTrial) { d.c.Cancel(); d.poll() }, nil},
	{"Poll, Cancel, Poll", func(d *dropTrial) {
		if !d.poll() {
			d.c.Cancel()
			d.poll()
		}
	}, nil},
	{"Cancel, Close", func(d *dropTrial) { d.c.Cancel(); d.c.Close() }, nil},
	{"TryRecv, Close", func(d *dropTrial) { d.got(d.c.TryRecv()); d.c.Close() }, nil},
	{"Close + TryRecv", func(d *dropTrial) { d.c.Close() }, func(d *dropTrial) { d.got(d.c.TryRecv()) }},
	{"Close + Close", func(d *dropTrial) { d.c.Close() }, func(d *dropTrial) { d.c.Close() }},
	{"Cancel + Close", func(d *dropTrial) { d.c.Cancel() }, func(d *dropTrial) { d.c.Close() }},
	{"OnDrop, Close", func(d *dropTrial) { d.onDrop(1); d.c.Close() }, nil},
	{"none", func(d *dropTrial) {}, nil},
}

// A dropTrial is a channel in one execution, and what became of its message.
type dropTrial struct {
	c        end
	received int
	dropped  [2]int
	onDrops  int // functions
}

func (d *dropTrial) onDrop(i int) {
	d.onDrops++
	d.c.OnDrop(func(v letter) { d.dropped[i] += v.from })
}

func (d *dropTrial) got(v letter, err error) { d.received += v.from }

func (d *dropTrial) poll() (ready bool) {
	v, ready, err := d.c.Poll(&newParked().waker)
	d.got(v, err)
	return ready
}

// A message that is delivered comes out of one receive, or goes to each function of
// OnDrop once, whatever the order. A message that a library's own sender is refused goes
// to each function once, too.
func TestModelDrop(t *testing.T) {
	for _, s := range dropSends {
		for _, r := range dropReceives {
			opts := []interleave.Option{}
			if r.beside != nil {
				opts = append(opts, interleave.Preemptions(3))
			}
			t.Run(s.name+"/"+r.name, func(t *testing.T) {
				interleave.Check(t, func(m *interleave.Model) {
					d := &dropTrial{c: end{new(Channel[letter])}}
					var err error
					m.Go("sender", func() { err = s.do(d.c, letter{1, -1}) })
					m.Go("receiver", func() {
						d.onDrop(0)
						if r.beside != nil {
							m.Go("beside", func() { r.beside(d) })
						}
						r.do(d)
					})
					m.Wait()
					if d.c.Send(letter{2, -2}) == nil {
						m.Fatalf("the Sender could be used twice")
					}
					d.c.Close()
					sent := err == nil || s.deliver
					drops := 0
					if sent && !s.failed {
						drops = 1 - d.received
					}
					for i := range d.onDrops {
						if d.dropped[i] != drops {
							m.Fatalf("%v; received %d times, dropped %v times by function %d", err, d.received, d.dropped[i], i)
						}
					}
					if d.received > 1 || d.received > 0 && err != nil {
						m.Fatalf("%v; received %d times", err, d.received)
					}
					if d.c.value != (letter{}) {
						m.Fatalf("the channel keeps %v", d.c.value)
					}
				}, opts...)
			})
		}
	}
}
