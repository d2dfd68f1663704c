package main

import (
	"errors"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

// A launchpad counts what is launched.
type launchpad struct {
	flights flights[string, int]
	senders []*oneshot.Sender[int]
}

func (l *launchpad) join(key string) future.Future[int] {
	return l.flights.join(key, func() future.Future[int] {
		tx, rx := oneshot.New[int]()
		l.senders = append(l.senders, tx)
		return rx
	})
}

func (l *launchpad) expect(t *testing.T, launched, underWay int) {
	t.Helper()
	if len(l.senders) != launched || l.flights.size() != underWay {
		t.Errorf("%d launched, %d under way, want %d and %d", len(l.senders), l.flights.size(), launched, underWay)
	}
}

func expectReady(t *testing.T, f future.Future[int], want int, wantErr error) {
	t.Helper()
	v, ready, err := f.Poll(nil)
	if v != want || !ready || !errors.Is(err, wantErr) {
		t.Errorf("got %v, %v, %v, want %v, true, %v", v, ready, err, want, wantErr)
	}
}

func TestEqualRequestsShare(t *testing.T) {
	var l launchpad
	a, b, other := l.join("k"), l.join("k"), l.join("other")
	l.expect(t, 2, 2)
	l.senders[0].Send(1)
	expectReady(t, b, 1, nil)
	l.expect(t, 2, 1) // who comes now gets a new one, also while a has not looked
	c := l.join("k")
	l.expect(t, 3, 2)
	expectReady(t, a, 1, nil)
	l.senders[2].Fail(errors.ErrUnsupported)
	expectReady(t, c, 0, errors.ErrUnsupported)
	future.Cancel(other)
	l.expect(t, 3, 0)
}

// One that goes away takes nothing from the others; the last one ends it all, and
// who comes then does not get what was given up.
func TestTheLastOneCancels(t *testing.T) {
	var l launchpad
	a, b := l.join("k"), l.join("k")
	future.Cancel(a)
	future.Cancel(a)
	expectReady(t, a, 0, future.ErrCanceled)
	if l.senders[0].IsClosed() {
		t.Error("the first one's cancellation reached the producer")
	}
	future.Cancel(b)
	if !l.senders[0].IsClosed() {
		t.Error("the producer was not told")
	}
	l.expect(t, 1, 0)
	c := l.join("k")
	l.expect(t, 2, 1)
	future.Cancel(b)
	l.expect(t, 2, 1)
	l.senders[1].Send(2)
	expectReady(t, c, 2, nil)
	future.Cancel(c)
	l.expect(t, 2, 0)
}

// Who goes away twice has gone away once.
func TestGoneTwice(t *testing.T) {
	var l launchpad
	a, b, c := l.join("k"), l.join("k"), l.join("k")
	future.Cancel(a)
	future.Cancel(a)
	future.Cancel(b)
	l.expect(t, 1, 1)
	d := l.join("k")
	l.expect(t, 1, 1)
	l.senders[0].Send(1)
	expectReady(t, c, 1, nil)
	expectReady(t, d, 1, nil)
}

// A reluctant future calls a function when it is cancelled.
type reluctant struct {
	future.Future[int]
	canceled func()
}

func (r reluctant) Cancel() { r.canceled() }

// Who comes while a flight is given up does not join it.
func TestJoinWhileGivenUp(t *testing.T) {
	var fs flights[string, int]
	var late future.Future[int]
	given := fs.join("k", func() future.Future[int] {
		return reluctant{future.Never[int](), func() {
			late = fs.join("k", func() future.Future[int] { return future.Ready(2) })
		}}
	})
	future.Cancel(given)
	if n := fs.size(); n != 1 {
		t.Errorf("%d under way, want the one that came late", n)
	}
	expectReady(t, late, 2, nil)
	if n := fs.size(); n != 0 {
		t.Errorf("%d under way", n)
	}
}

// A pending one is left alone by those that are over.
func TestLatecomers(t *testing.T) {
	var l launchpad
	a := l.join("k")
	if _, ready, _ := a.Poll(nil); ready {
		t.Fatal("ready")
	}
	l.senders[0].Send(1)
	b := l.join("k") // in time: nobody has seen the result
	expectReady(t, a, 1, nil)
	expectReady(t, b, 1, nil)
	l.expect(t, 1, 0)
}
