package interleave

// A search goes depth-first through what a program can do. It is the chooser of
// one execution after the other; each repeats the choices on the path and then
// makes new ones.
type search struct {
	bound   int // preemptions allowed, or negative
	again   bool
	path    []node
	depth   int // how many nodes of the path this execution has passed
	used    int // preemptions of this execution so far
	visited map[uint64]float64
	stats   Stats
	known   float64 // interleavings below the known state of this execution, or 0
	failure *Failure
}

// A node is a state in which more than one goroutine could make the next step.
type node struct {
	key     uint64
	enabled uint16  // as a set, to see whether the program repeats itself
	last    int     // who made the step before and could go on, or -1
	untried uint16  // set of the choices that are left
	chosen  int     // the one on the path
	count   float64 // interleavings below, of the choices before
}

// begin starts another execution.
func (s *search) begin() { s.depth, s.used, s.known = 0, 0, 0 }

func (s *search) choose(x *execution) int {
	last := x.last()
	switch {
	case len(x.enabled) == 1 || s.known > 0:
		return coast(x)
	case last >= 0 && s.used == s.bound:
		return last
	case s.depth < len(s.path):
		n := &s.path[s.depth]
		if n.enabled != set(x.enabled) {
			x.report(Unrepeatable, "run again with the same choices, the program did something else")
			return -1
		}
		return s.take(n)
	}
	n := node{enabled: set(x.enabled), last: last, key: x.hash()}
	n.untried = n.enabled
	if s.bound >= 0 {
		// What can come depends on what is left of the bound, too.
		n.key = mix(mix(n.key, uint64(s.used)), uint64(last+1))
	}
	if count := s.visited[n.key]; count > 0 && !s.again {
		s.known = count
		return coast(x)
	}
	s.visited[n.key] = 0
	n.advance()
	s.path = append(s.path, n)
	return s.take(&s.path[s.depth])
}

// coast brings an execution to its end in which there is nothing to choose any
// more. To give it up would cost its goroutines.
func coast(x *execution) int {
	if last := x.last(); last >= 0 {
		return last
	}
	return x.enabled[0]
}

// take goes through n.
func (s *search) take(n *node) int {
	s.depth++
	if n.last >= 0 && n.chosen != n.last {
		s.used++
	}
	return n.chosen
}

// advance moves on to the next choice, the one without a preemption first, and
// reports whether there was one.
func (n *node) advance() bool {
	if n.untried == 0 {
		return false
	}
	n.chosen = n.last
	if n.last < 0 || n.untried&(1<<n.last) == 0 {
		for n.chosen = 0; n.untried&(1<<n.chosen) == 0; n.chosen++ {
		}
	}
	n.untried &^= 1 << n.chosen
	return true
}

// end accounts for the execution and moves the path on to the next one. It
// reports whether there is one: none follows a failure.
func (s *search) end(x *execution) bool {
	s.stats.Executions++
	s.stats.Steps = max(s.stats.Steps, len(x.order))
	if s.failure = x.failure; s.failure != nil {
		return false
	}
	count := s.known
	if count == 0 {
		count = 1
	}
	for len(s.path) > 0 {
		n := &s.path[len(s.path)-1]
		n.count += count
		if n.advance() {
			return true
		}
		s.visited[n.key], count = n.count, n.count
		s.path = s.path[:len(s.path)-1]
	}
	s.stats.Interleavings = count
	s.stats.States = len(s.visited)
	return false
}

func set(ids []int) uint16 {
	var s uint16
	for _, id := range ids {
		s |= 1 << id
	}
	return s
}
