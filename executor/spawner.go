package executor

import "fmt"

// A Spawner is where [Go], [Spawn] and [Do] start their tasks: an [*Executor], or a
// [*TaskGroup], whose Scope waits for them. No other types implement it, but types that
// embed one of the two.
type Spawner interface {
	// spawner returns the executor, and the group if there is one. The executor is nil
	// if the Spawner is nil or a zero value.
	spawner() (*Executor, *TaskGroup)
}

func (e *Executor) spawner() (*Executor, *TaskGroup) {
	if !e.isMade() {
		return nil, nil
	}
	return e, nil
}

// isMade reports whether e is an executor that this package has made.
func (e *Executor) isMade() bool { return e != nil && e.shards != nil }

func (g *TaskGroup) spawner() (*Executor, *TaskGroup) {
	if g == nil {
		return nil, nil
	}
	return g.exec, g
}

// spawnerOf returns what s stands for. It panics in the name of the function caller if
// s can start nothing.
func spawnerOf(caller string, s Spawner) (*Executor, *TaskGroup) {
	if s != nil {
		if e, g := s.spawner(); e != nil {
			return e, g
		}
	}
	panic(unusable(caller, s))
}

// check panics, for the method caller, if e is nil or a zero value.
func (e *Executor) check(caller string) { spawnerOf(caller, e) }

// unusable says what is wrong with s.
func unusable(caller string, s Spawner) string {
	switch s := s.(type) {
	case nil:
		return "executor: " + caller + " with a nil Spawner"
	case *Executor:
		if s == nil {
			return "executor: " + caller + " with a nil Executor"
		}
		return "executor: " + caller + " with a zero Executor: use New"
	case *TaskGroup:
		if s == nil {
			return "executor: " + caller + " with a nil TaskGroup"
		}
		return "executor: " + caller + " with a zero TaskGroup: use Scope"
	default:
		return fmt.Sprintf("executor: %s with a %T that has no Executor", caller, s)
	}
}
