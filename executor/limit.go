package executor

import (
	"sync"
	"time"
)

// A limiter keeps a log short. Of the records that are alike it lets one through in each
// interval and counts the others. When the interval ends it says how many those were.
//
// An interval begins with the first record that comes while there is none, and is the same
// for all kinds of records. In each there is a limited number of kinds: records of others
// are only counted, in one number. So what is logged in an interval has a bound.
//
// An interval ends once limitInterval has passed and no record is being written. So a
// handler that does not return blocks as many goroutines as there are kinds, and no more.
// A timer ends it. It may be that of a synctest bubble which is over: then the next record
// ends it.
type limiter[K comparable] struct {
	kinds int
	// say logs how many records of a kind were left out, and sayRest how many of the kinds
	// that were too many.
	say     func(kind K, left int)
	sayRest func(left int)

	mu       sync.Mutex // not held while a record is written
	writing  int        // records that are being written
	overdue  bool       // the interval is to end when there are none
	began    time.Time  // of the interval
	timer    *time.Timer
	interval leftOut[K]
}

// A leftOut is what was left out in an interval.
type leftOut[K comparable] struct {
	of   map[K]int // by the kind of those of which one was let through; nil if there is no interval
	rest int
}

const limitInterval = 10 * time.Second

// log calls write, unless a record of the kind was written in this interval. The record
// stands for n: if it is not written, so many are left out.
func (l *limiter[K]) log(kind K, n int, write func()) {
	before, ok := l.admit(kind, n)
	if !ok {
		return
	}
	defer l.written() // also if a handler calls Goexit
	l.tell(before)
	write()
}

// admit reports whether a record is to be written, which is then counted as being written.
// It returns what is to be told of an interval that has ended.
func (l *limiter[K]) admit(kind K, n int) (before leftOut[K], ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since := time.Since(l.began); since >= limitInterval || since < 0 { // less than 0: another clock
		before = l.endLocked()
	}
	_, known := l.interval.of[kind]
	switch {
	case known:
		l.interval.of[kind] += n
		return before, false
	case len(l.interval.of) >= l.kinds:
		l.interval.rest += n
		return before, false
	case l.interval.of == nil:
		l.interval.of = map[K]int{}
		l.began = time.Now()
		l.timer = time.AfterFunc(limitInterval, l.end)
	}
	l.interval.of[kind] = 0
	l.writing++
	return before, true
}

// endLocked ends the interval, unless a record is being written, and returns what was left
// out in it. The caller holds the mutex.
func (l *limiter[K]) endLocked() (before leftOut[K]) {
	if l.writing == 0 {
		before, l.interval = l.interval, before
		l.overdue = false
	}
	return before
}

// end ends the interval and says what was left out in it, unless a record is being written.
// Then the last goroutine that writes one does so. The timer calls it.
func (l *limiter[K]) end() {
	l.mu.Lock()
	if l.timer != nil {
		l.timer.Stop()
	}
	l.overdue = true
	l.writing++ // it may be the last one itself
	l.mu.Unlock()
	l.written()
}

// written is called when a record has been written.
func (l *limiter[K]) written() {
	l.mu.Lock()
	l.writing--
	if l.writing > 0 || !l.overdue {
		l.mu.Unlock()
		return
	}
	before := l.endLocked()
	l.writing++
	l.mu.Unlock()
	defer l.written() // also if a handler calls Goexit
	l.tell(before)
}

func (l *limiter[K]) tell(before leftOut[K]) {
	for kind, n := range before.of {
		if n > 0 {
			l.say(kind, n)
		}
	}
	if before.rest > 0 {
		l.sayRest(before.rest)
	}
}
