package main

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// A ledger counts what the operations of one kind have sent and what has come back.
// Each value is different from all others of its ledger, so a value that is lost, torn or
// delivered twice makes the two sides differ.
type ledger struct {
	operations atomic.Uint64
	last       atomic.Uint64 // value that was sent
	sent, got  checksum

	mu       sync.Mutex // guards the rest
	failed   uint64
	failures []error // the first maxFailures
}

// maxFailures is how many failures of a kind are kept.
const maxFailures = 3

// A checksum does not depend on the order of its values.
type checksum struct{ count, sum, mix atomic.Uint64 }

func (c *checksum) add(v uint64) {
	c.count.Add(1)
	c.sum.Add(v)
	// A second sum, of a function of v that is not linear: two wrong values may have the
	// right sum.
	c.mix.Add(bits.RotateLeft64(v*0x9e3779b97f4a7c15, int(v%63)) ^ v)
}

// fail notes the failure of an operation.
func (l *ledger) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed++
	if len(l.failures) < maxFailures {
		l.failures = append(l.failures, err)
	}
}

// check returns what is wrong. No operation may run meanwhile.
func (l *ledger) check() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	errs := slices.Clone(l.failures)
	if more := l.failed - uint64(len(errs)); more > 0 {
		errs = append(errs, fmt.Errorf("and %d failures more", more))
	}
	if s, g := l.sent.count.Load(), l.got.count.Load(); s != g {
		errs = append(errs, fmt.Errorf("%d values were sent, and %d came back", s, g))
	} else if l.sent.sum.Load() != l.got.sum.Load() || l.sent.mix.Load() != l.got.mix.Load() {
		errs = append(errs, fmt.Errorf("of %d values others came back than were sent", s))
	}
	return errors.Join(errs...)
}

// A batch has the values of one operation.
type batch struct {
	ledger *ledger
	out    sync.WaitGroup // values that have not come back
}

// send returns a value, which must come back once: received, refused or released.
func (b *batch) send() uint64 {
	v := b.ledger.last.Add(1)
	b.ledger.sent.add(v)
	b.out.Add(1)
	return v
}

// back notes that v has come back.
func (b *batch) back(v uint64) {
	b.ledger.got.add(v)
	b.out.Done()
}

// take notes the result of a wait that must succeed.
func (b *batch) take(v uint64, err error) error {
	if err == nil {
		b.back(v)
	}
	return err
}
