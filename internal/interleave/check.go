package interleave

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// TB is the part of testing.TB that Check uses.
type TB interface {
	Helper()
	Name() string
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Stats tell how much was explored.
type Stats struct {
	// Interleavings is how many different orders of steps the program has, all
	// of which are covered. Beyond 2^53 it is rounded.
	Interleavings float64
	// Executions is how often the program was run to cover them.
	Executions int
	// States is how many different states with a choice there are.
	States int
	// Steps is how many steps the longest execution made.
	Steps int
	// Preemptions is the limit that was set, or -1.
	Preemptions int
}

// String returns one line with all of it.
func (s Stats) String() string {
	limit := ""
	if s.Preemptions >= 0 {
		limit = fmt.Sprintf(" and %d preemptions", s.Preemptions)
	}
	return fmt.Sprintf("%.15g interleavings, %d executions, %d states, at most %d steps%s",
		s.Interleavings, s.Executions, s.States, s.Steps, limit)
}

// An Option changes how a program is explored.
type Option func(*options)

type options struct {
	preemptions int
	again       bool // explore known states again, to test the checker
}

// Preemptions limits the search to orders in which at most n times a goroutine
// that could make the next step has to wait for another one. The default is no
// limit.
func Preemptions(n int) Option {
	return func(o *options) { o.preemptions = n }
}

// maxSteps is how many steps an execution may make before it is taken for a
// livelock. A [clock] counts to more.
const maxSteps = 1000

// ReplayVariable is the environment variable with the schedule that Check
// replays.
const ReplayVariable = "INTERLEAVE_REPLAY"

// Check explores the program as [Explore] does. It fails t if the program fails,
// and otherwise logs and returns how much was explored.
//
// If the environment variable INTERLEAVE_REPLAY is set, Check makes only the
// execution with that schedule and logs its steps. The message of a failure says
// which command does that.
func Check(t TB, program func(*Model), opts ...Option) Stats {
	t.Helper()
	if s := os.Getenv(ReplayVariable); s != "" {
		steps, failure := Replay(s, program)
		if failure != nil {
			t.Fatalf("%v", failure)
		}
		t.Logf("%s", format(steps))
		return Stats{Preemptions: -1}
	}
	stats, failure := Explore(program, opts...)
	if failure != nil {
		t.Fatalf("%v\nreplay: %s=%s go test -tags interleave -run '^%s$'", failure,
			ReplayVariable, failure.Schedule, strings.ReplaceAll(t.Name(), "/", "$/^"))
	}
	t.Logf("interleave: %v", stats)
	return stats
}

// exploring is held by who explores: models take turns.
var exploring sync.Mutex

// Explore runs the program in every order of its steps that makes a difference,
// and returns how much that was, or the first failure. A failure is one with the
// fewest preemptions.
//
// Explore blocks until it is done. Programs are explored one at a time.
func Explore(program func(*Model), opts ...Option) (Stats, *Failure) {
	exploring.Lock()
	defer exploring.Unlock()
	o := options{preemptions: -1}
	for _, set := range opts {
		set(&o)
	}
	s := o.explore(program, o.preemptions)
	if s.failure == nil || s.failure.Kind == Unrepeatable {
		return s.stats, s.failure
	}
	// The search came upon this one. Look for one that is easier to read.
	failure := s.failure
	for bound := range s.used {
		if simpler := o.explore(program, bound); simpler.failure != nil {
			failure = simpler.failure
			break
		}
	}
	return s.stats, trace(program, failure)
}

// explore searches with a bound, or without one if it is negative.
func (o options) explore(program func(*Model), bound int) *search {
	c := newCrew()
	defer c.dismiss()
	s := &search{bound: bound, again: o.again, visited: make(map[uint64]float64)}
	s.stats.Preemptions = bound
	for more := true; more; {
		s.begin()
		more = s.end(c.execute(program, s, false))
	}
	return s
}

// trace runs the program with a failure's schedule again, for its steps.
func trace(program func(*Model), failure *Failure) *Failure {
	c := newCrew()
	defer c.dismiss()
	x := c.execute(program, &replay{order: failure.order}, true)
	if x.failure == nil {
		failure.Kind = Unrepeatable
		failure.Message += " (but not when the same schedule was run again)"
		return failure
	}
	x.failure.Steps = x.tracer.steps()
	return x.failure
}

// Replay makes the one execution of the program with the given schedule, which
// is that of a [Failure]. It returns the steps, and the failure if there is one.
// When the schedule ends before the program does, whoever made the last step
// goes on for as long as it can.
func Replay(schedule string, program func(*Model)) ([]Step, *Failure) {
	exploring.Lock()
	defer exploring.Unlock()
	order, err := parseSchedule(schedule)
	if err != nil {
		return nil, &Failure{Kind: Unrepeatable, Message: err.Error(), Schedule: schedule}
	}
	r := &replay{order: order}
	c := newCrew()
	defer c.dismiss()
	x := c.execute(program, r, true)
	if r.stuck {
		x.report(Unrepeatable, "the schedule does not fit the program: %c cannot make step %d", 'a'+order[r.at], r.at+1)
	}
	steps := x.tracer.steps()
	if x.failure != nil {
		x.failure.Steps = steps
	}
	return steps, x.failure
}

// A replay is the chooser that follows an order.
type replay struct {
	order []byte
	at    int
	stuck bool
}

func (r *replay) choose(x *execution) int {
	if r.at == len(r.order) {
		return coast(x)
	}
	id := int(r.order[r.at])
	for _, e := range x.enabled {
		if e == id {
			r.at++
			return id
		}
	}
	r.stuck = true
	return -1
}
