package executor

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
)

// A TaskInfo describes a live task, as it was at some moment of the call.
type TaskInfo struct {
	ID    uint64        // unique within the executor
	Name  string        // that TaskName gave, or ""
	Age   time.Duration // since it was spawned, to within some tasks' time
	State TaskState
	Polls uint32 // how often it has been polled; 0 if it is not waiting

	// Awaits is the type of the future that the task waits for, and which task's
	// result that is if it is a Handle. It is "" if the task is not waiting.
	Awaits string
	// Where is the function, file and line where the task's code is. It is "" if
	// it has not begun, or has no code of its own: if it polls a future.
	Where string
}

// A TaskState is what a task does.
type TaskState string

// The states that Tasks reports.
const (
	StateWaiting TaskState = "waiting" // for a wake
	StateQueued  TaskState = "queued"  // for a worker
	StateRunning TaskState = "running"
)

// Tasks returns the live tasks, the oldest first. Tasks come and go meanwhile:
// one that lives during the whole of the loop is in it. To find out where they
// wait it stops the world for the time that printing all stacks takes, once, at
// its beginning, unless there are more than 10,000 goroutines. It may be called
// at any time by any goroutine.
func (e *Executor) Tasks() iter.Seq[TaskInfo] {
	e.check("Tasks")
	return func(yield func(TaskInfo) bool) {
		var ts []*task
		for i := range e.shards {
			ts = append(ts, e.shards[i].tasks()...)
		}
		slices.SortFunc(ts, func(a, b *task) int { return cmp.Or(cmp.Compare(a.born, b.born), cmp.Compare(a.id, b.id)) })
		all := takeStacks(maxStacksAsked)
		now := int64(time.Since(e.began))
		for _, t := range ts {
			e.inspecting.Lock() // else one that looks takes another one's task for running
			info, live := t.info(now, all)
			e.inspecting.Unlock()
			if live && !yield(info) {
				return
			}
		}
	}
}

// info describes t, and reports whether it lives.
func (t *task) info(now int64, all stacks) (_ TaskInfo, live bool) {
	info := TaskInfo{ID: t.id, Name: t.name(), Age: time.Duration(max(0, now-t.born))}
	if t.extra != nil && t.extra.fiber != nil {
		info.Where = whereIn(all.ofFiber(t.extra.fiber))
	}
	if !t.state.inspect() {
		switch s := t.state.word.Load(); {
		case s&ended != 0:
			return info, false
		case s&running != 0:
			info.State = StateRunning
		default:
			info.State = StateQueued
		}
		return info, true
	}
	// It was idle, and is ours until pause.
	info.State, info.Polls = StateWaiting, t.polls
	info.Awaits = t.waker.Target().(pollable).awaits()
	if t.state.pause() {
		t.schedule() // it was woken meanwhile
	}
	return info, true
}

// describe says what a task awaits: the type of f, and if f is a task's Handle,
// which one.
func describe(f any) string {
	s := fmt.Sprintf("%T", f)
	if h, ok := f.(interface{ self() *task }); ok {
		s += " of " + h.self().describe()
	}
	return s
}

// describe says which task it is.
func (t *task) describe() string {
	s := "a task" // that nothing has taken
	switch {
	case t.id != 0 && t.isRunnable():
		s = fmt.Sprintf("Runnable %d", t.id)
	case t.id != 0:
		s = fmt.Sprintf("task %d", t.id)
	}
	if name := t.name(); name != "" {
		s = fmt.Sprintf("%s %q", s, name)
	}
	return s
}

// self returns the task that is part of a Handle.
func (t *task) self() *task { return t }

// Dump writes what the executor does, for people: a line of counts, and for each
// live task, the oldest first, a line and the place where its code is. A task that
// waits for ever is among the first, with what it waits for. It costs what Tasks
// does. The error is w's.
func (e *Executor) Dump(w io.Writer) error {
	e.check("Dump")
	if w == nil {
		panic("executor: Dump with a nil Writer")
	}
	b := bufio.NewWriter(w)
	s := e.Stats()
	fmt.Fprintf(b, "executor %s: live %d, queued %d, workers %d, spawned %d, polls %d, steals %d, parks %d, stalls %d, failed %d, panicked %d, canceled %d\n",
		e.name, s.Live, s.Queued, s.Workers, s.Spawned, s.Polls, s.Steals, s.Parks, s.Stalls, s.Failed, s.Panicked, s.Canceled)
	for t := range e.Tasks() {
		fmt.Fprintf(b, "task %d", t.ID)
		if t.Name != "" {
			fmt.Fprintf(b, " %q", t.Name)
		}
		fmt.Fprintf(b, ": %s, age %v", t.State, t.Age.Round(time.Millisecond))
		if t.State == StateWaiting {
			fmt.Fprintf(b, ", polls %d, awaits %s", t.Polls, t.Awaits)
		}
		if t.Where != "" {
			fmt.Fprintf(b, "\n\tat %s", t.Where)
		}
		fmt.Fprintln(b)
	}
	return b.Flush()
}
