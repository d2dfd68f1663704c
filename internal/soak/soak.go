package main

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A kind is a kind of operation.
type kind struct {
	name string
	// run makes one operation. What it sends with the batch must come back.
	run func(h *house, b *batch) error
}

// A soak runs operations of several kinds in rounds, and takes a sample after each.
type soak struct {
	kinds    []kind
	house    *house
	patience time.Duration // for operations, after the end of a round
	progress func(sample)  // is called after each round

	ledgers []ledger // of kinds
	samples []sample
	log     counter // the default of slog, in the program
}

func newSoak(kinds []kind) *soak {
	return &soak{
		kinds:    kinds,
		house:    newHouse(),
		patience: time.Minute,
		progress: func(sample) {},
		ledgers:  make([]ledger, len(kinds)),
		log:      newCounter(),
	}
}

// run runs rounds of the given length, and returns what is wrong. After an operation that
// does not end the house stays open.
func (s *soak) run(rounds int, length time.Duration) error {
	for range rounds {
		if err := s.round(length); err != nil {
			return err // operations still run, so the rest says nothing
		}
		s.samples = append(s.samples, takeSample())
		s.progress(s.samples[len(s.samples)-1])
	}
	errs := []error{s.house.close()}
	for i := range s.kinds {
		if err := s.ledgers[i].check(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.kinds[i].name, err))
		}
	}
	errs = append(errs, grown(s.samples))
	if n := s.log.messages()[lostMessage]; n > maxLostRecords {
		errs = append(errs, fmt.Errorf("%d records %q: more than %d", n, lostMessage, maxLostRecords))
	}
	return errors.Join(errs...)
}

// drivers is how many goroutines make operations at the same time.
const drivers = 8

// turn is how long a driver makes operations of a kind before it takes the next kind: so
// that quick ones come often, and slow ones are not held up by them.
const turn = 2 * time.Millisecond

// round makes operations of all kinds until the time is over, and waits for their ends.
func (s *soak) round(length time.Duration) error {
	end := time.Now().Add(length)
	var next atomic.Int64
	var running [drivers]atomic.Int64 // the kind that each driver is at, or -1
	var group sync.WaitGroup
	for d := range drivers {
		group.Go(func() {
			for time.Now().Before(end) || next.Load() < int64(len(s.kinds)) {
				i := (next.Add(1) - 1) % int64(len(s.kinds))
				running[d].Store(i)
				for began := time.Now(); ; {
					s.operate(s.kinds[i], &s.ledgers[i])
					if time.Since(began) >= turn {
						break
					}
				}
			}
			running[d].Store(-1)
		})
	}
	ended := make(chan struct{})
	go func() {
		group.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(length + s.patience):
	}
	var names []string
	for d := range drivers {
		if i := running[d].Load(); i >= 0 {
			names = append(names, s.kinds[i].name)
		}
	}
	var stacks bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1) // a Buffer does not fail
	return fmt.Errorf("operations do not end: %s\n%s", strings.Join(names, ", "), &stacks)
}

// operate makes one operation. A panic is a failure of its own.
func (s *soak) operate(k kind, l *ledger) {
	defer func() {
		if p := recover(); p != nil {
			l.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	b := &batch{ledger: l}
	l.operations.Add(1)
	if err := k.run(s.house, b); err != nil {
		l.fail(err) // what it has sent may never come back
		return
	}
	b.out.Wait()
}
