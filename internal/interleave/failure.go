package interleave

import (
	"fmt"
	"strings"
)

// A Kind says what is wrong.
type Kind int

const (
	// Assertion is a call of [Model.Fatalf].
	Assertion Kind = iota + 1
	// Panic is a panic or a Goexit in one of the program's goroutines.
	Panic
	// Deadlock is goroutines that are left and blocked. A lost wake-up is one.
	Deadlock
	// Livelock is more than 1000 steps.
	Livelock
	// Race is unsynchronized access to plain memory.
	Race
	// Unrepeatable is a program that depends on more than the order of its
	// steps, or a schedule of another program.
	Unrepeatable
)

func (k Kind) String() string {
	switch k {
	case Assertion:
		return "assertion failed"
	case Panic:
		return "panic"
	case Deadlock:
		return "deadlock"
	case Livelock:
		return "livelock"
	case Race:
		return "data race"
	case Unrepeatable:
		return "not repeatable"
	default:
		return fmt.Sprintf("interleave.Kind(%d)", int(k))
	}
}

// A Failure is an execution that went wrong. It is an error.
type Failure struct {
	Kind     Kind
	Message  string
	Schedule string // for [Replay]
	Steps    []Step
	order    []byte // the same as Schedule
}

func newFailure(kind Kind, order []byte, message string) *Failure {
	return &Failure{Kind: kind, Message: message, Schedule: schedule(order), order: order}
}

// Error returns the kind, the message and the steps, one per line.
func (f *Failure) Error() string {
	return fmt.Sprintf("%v: %s\nschedule %s\n%s", f.Kind, f.Message, f.Schedule, format(f.Steps))
}

// schedule writes an order of steps: for each run of steps by one goroutine its
// letter, and how many they are if more than one. The first goroutine is a.
func schedule(order []byte) string {
	var b strings.Builder
	for i := 0; i < len(order); {
		n := i
		for n < len(order) && order[n] == order[i] {
			n++
		}
		b.WriteByte('a' + order[i])
		if n-i > 1 {
			fmt.Fprint(&b, n-i)
		}
		i = n
	}
	return b.String()
}

// parseSchedule reads what schedule writes.
func parseSchedule(s string) ([]byte, error) {
	var order []byte
	for i := 0; i < len(s); {
		c := s[i]
		if c < 'a' || c >= 'a'+maxGoroutines {
			return nil, fmt.Errorf("interleave: schedule %q: no goroutine at position %d", s, i)
		}
		i++
		n := 0
		for ; i < len(s) && s[i] >= '0' && s[i] <= '9' && n <= 100_000; i++ {
			n = 10*n + int(s[i]-'0')
		}
		for range max(n, 1) {
			order = append(order, c-'a')
		}
	}
	return order, nil
}
