package oneshot_test

import (
	"errors"
	"testing"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
	"github.com/go-await/await/oneshot"
)

// Receivers in a future.All wake it once when all have their message, and at
// once when one has none to come. Watched senders do the same.
func TestReceiversSettle(t *testing.T) {
	for _, watched := range []bool{false, true} {
		var txs []*oneshot.Sender[int]
		var fs []future.Future[int]
		for range 3 {
			tx, rx := oneshot.New[int]()
			if watched {
				tx.Closed().Poll(nil)
			}
			txs, fs = append(txs, tx), append(fs, rx)
		}
		h := futuretest.NewHarness(t, future.All(fs...))
		h.Pending()
		txs[2].Send(2)
		txs[0].Send(0)
		if n := h.Wakes(); n != 0 {
			t.Errorf("watched %v: woken %d times while one is pending", watched, n)
		}
		h.Pending()
		txs[1].Send(1)
		if n := h.Wakes(); n != 1 {
			t.Errorf("watched %v: woken %d times by the last, want once", watched, n)
		}
		if vs, err := h.Ready(); err != nil || vs[0] != 0 || vs[1] != 1 || vs[2] != 2 {
			t.Errorf("watched %v: got %v, %v", watched, vs, err)
		}
	}
	no := errors.New("no")
	for name, end := range map[string]func(tx *oneshot.Sender[int]){
		"Fail":  func(tx *oneshot.Sender[int]) { tx.Fail(no) },
		"Close": func(tx *oneshot.Sender[int]) { tx.Close() },
	} {
		tx, rx := oneshot.New[int]()
		other, pending := oneshot.New[int]()
		h := futuretest.NewHarness(t, future.All[int](rx, pending))
		h.Pending()
		end(tx)
		if n := h.Wakes(); n != 1 {
			t.Errorf("%s: woken %d times, want once", name, n)
		}
		if _, err := h.Ready(); err == nil || !other.IsClosed() {
			t.Errorf("%s: got %v, the other closed: %v", name, err, other.IsClosed())
		}
	}
}
