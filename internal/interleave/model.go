package interleave

import "reflect"

// A Model is a program in one of its executions. Its methods may be called by
// the program's goroutines only.
type Model struct{ exec *execution }

// Go starts a goroutine, as the go statement does. The name is for reports. A
// model has at most 16 goroutines, the one that runs the program included.
func (m *Model) Go(name string, f func()) { m.goroutine("Go").start(name, f) }

// Wait waits until all other goroutines have ended. What they did happens before
// its return. Only the program itself may call it, not a goroutine that it
// started; it is called once more, implicitly, when the program returns.
func (m *Model) Wait() {
	g := m.goroutine("Wait")
	if g.id != 0 {
		panic("interleave: Wait by a goroutine other than the first")
	}
	g.join()
}

// join waits for the other goroutines.
func (g *goroutine) join() {
	if !g.pause((*others)(g.exec), "Wait for the others") {
		return
	}
	for _, other := range g.exec.goroutines[1:] {
		g.clock.join(&other.clock)
		g.hash = mix(g.hash, other.hash)
	}
}

// Fatalf ends the execution with a failure. It does not return.
func (m *Model) Fatalf(format string, args ...any) {
	m.goroutine("Fatalf").exec.fail(Assertion, format, args...)
}

// Name gives the variable that p points to a name in the steps of a failure.
func (m *Model) Name(p any, name string) {
	if t := m.goroutine("Name").exec.tracer; t != nil {
		t.name(reflect.ValueOf(p).UnsafePointer(), name)
	}
}

// goroutine returns the caller.
func (m *Model) goroutine(method string) *goroutine {
	g := current()
	if g == nil || g.exec != m.exec {
		panic("interleave: " + method + " outside the model's own goroutines")
	}
	return g
}

// others is an execution as what its first goroutine waits for.
type others execution

func (x *others) open() bool {
	for _, g := range x.goroutines[1:] {
		if !g.ended {
			return false
		}
	}
	return true
}
