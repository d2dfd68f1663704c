package interleave_test

import (
	"context"
	"iter"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	. "github.com/go-await/await/internal/interleave"
)

// programs are small programs, each with the one thing that is wrong with it.
var programs = []struct {
	name   string
	reason string
	run    func(*Model)
	kind   Kind   // 0 if nothing is wrong
	text   string // part of the message or a step
}{
	{
		name:   "lost update",
		reason: "a load and a store are two steps",
		run: func(m *Model) {
			var x Uint32
			for range 2 {
				m.Go("add", func() { x.Store(x.Load() + 1) })
			}
			m.Wait()
			if x.Load() != 2 {
				m.Fatalf("x is %d", x.Load())
			}
		},
		kind: Assertion, text: "x is 1",
	},
	{
		name:   "atomic update",
		reason: "an addition is one step",
		run: func(m *Model) {
			var x Int64
			for range 2 {
				m.Go("add", func() { x.Add(1) })
			}
			m.Wait()
			if x.Load() != 2 {
				m.Fatalf("x is %d", x.Load())
			}
		},
	},
	{
		name:   "lock order",
		reason: "two mutexes taken in opposite orders",
		run: func(m *Model) {
			var a, b Mutex
			n := 0
			m.Go("ab", func() { a.Lock(); b.Lock(); n++; b.Unlock(); a.Unlock() })
			m.Go("ba", func() { b.Lock(); a.Lock(); n++; a.Unlock(); b.Unlock() })
		},
		kind: Deadlock, text: "ab in Lock at",
	},
	{
		name:   "lost wake-up",
		reason: "the flag may be set between the look at it and the wait",
		run: func(m *Model) {
			var flag Uint32
			var c Cond
			c.L = new(Mutex)
			m.Go("wake", func() {
				flag.Store(1)
				c.Signal()
			})
			c.L.Lock()
			if flag.Load() == 0 {
				c.Wait()
			}
			c.L.Unlock()
		},
		kind: Deadlock, text: "main in Wait at",
	},
	{
		name:   "guarded wake-up",
		reason: "the flag is set under the lock",
		run: func(m *Model) {
			var flag Uint32
			var c Cond
			c.L = new(Mutex)
			m.Go("wake", func() {
				c.L.Lock()
				flag.Store(1)
				c.L.Unlock()
				c.Signal()
			})
			c.L.Lock()
			if flag.Load() == 0 {
				c.Wait()
			}
			c.L.Unlock()
		},
	},
	{
		name:   "signal before sleep",
		reason: "Wait is in the queue before it unlocks",
		run: func(m *Model) {
			var c Cond
			c.L = lockFunc(func() { c.Signal() })
			c.Wait()
		},
	},
	{
		name:   "signal in order",
		reason: "Signal wakes who has queued longest, asleep or not",
		run: func(m *Model) {
			var c Cond
			queued := 0
			c.L = lockFunc(func() {
				if queued++; queued == 1 {
					m.Go("second", c.Wait)
				} else {
					c.Signal()
				}
			})
			m.Go("first", c.Wait)
		},
		kind: Deadlock, text: "second in Wait at",
	},
	{
		name:   "published by Signal",
		reason: "the race detector would report it",
		run: func(m *Model) {
			var c Cond
			value := 0
			c.L = lockFunc(func() {
				m.Go("signal", func() {
					Write(unsafe.Pointer(&value))
					value = 1
					c.Signal()
				})
			})
			c.Wait()
			Read(unsafe.Pointer(&value))
			_ = value
		},
		kind: Race, text: "plain read by main",
	},
	{
		name:   "broadcast",
		reason: "all that have queued are woken",
		run: func(m *Model) {
			var m1 Mutex
			c := Cond{L: &m1}
			var ready Uint32
			for range 2 {
				m.Go("wait", func() {
					m1.Lock()
					if ready.Load() == 0 {
						c.Wait()
					}
					m1.Unlock()
				})
			}
			m1.Lock()
			ready.Store(1)
			c.Broadcast()
			m1.Unlock()
		},
	},
	{
		name:   "spin",
		reason: "a loop that waits for another goroutine may go on for ever",
		run: func(m *Model) {
			var x Uint32
			m.Go("store", func() { x.Store(1) })
			for x.Load() == 0 {
			}
		},
		kind: Livelock, text: "after 1000 steps",
	},
	{
		name:   "unpublished",
		reason: "the flag is set before the value is written",
		run: func(m *Model) {
			var flag Uint32
			var value int
			m.Go("publish", func() {
				flag.Store(1)
				Write(unsafe.Pointer(&value))
				value = 1
			})
			if flag.Load() == 1 {
				Read(unsafe.Pointer(&value))
				_ = value
			}
		},
		kind: Race, text: "plain read by main",
	},
	{
		name:   "published",
		reason: "the value is written before the flag is set",
		run: func(m *Model) {
			var flag Uint32
			var value int
			m.Go("publish", func() {
				Write(unsafe.Pointer(&value))
				value = 1
				flag.Store(1)
			})
			if flag.Load() == 1 {
				Read(unsafe.Pointer(&value))
				_ = value
			}
		},
	},
	{
		name:   "republished",
		reason: "a store over the publishing one synchronizes with nothing before it",
		run: func(m *Model) {
			var flag Uint32
			var value int
			m.Go("publish", func() {
				Write(unsafe.Pointer(&value))
				value = 1
				flag.Store(1)
			})
			m.Go("over", func() { flag.Store(2) })
			if flag.Load() == 2 {
				Read(unsafe.Pointer(&value))
				_ = value
			}
		},
		kind: Race, text: "plain write by publish",
	},
	{
		name:   "failed TryLock",
		reason: "it synchronizes with nothing",
		run: func(m *Model) {
			var lock Mutex
			var value int
			m.Go("hold", func() {
				Write(unsafe.Pointer(&value))
				value = 1
				lock.Lock()
			})
			if !lock.TryLock() {
				Read(unsafe.Pointer(&value))
				_ = value
			} else {
				lock.Unlock()
			}
		},
		kind: Race, text: "TryLock() = false",
	},
	{
		name:   "reads at once",
		reason: "reads do not conflict",
		run: func(m *Model) {
			value := 1
			Write(unsafe.Pointer(&value))
			for range 2 {
				m.Go("read", func() { Read(unsafe.Pointer(&value)); _ = value })
			}
			m.Wait()
			Write(unsafe.Pointer(&value))
			value = 2
		},
	},
	{
		name:   "panic",
		reason: "the value and the stack are kept",
		run: func(m *Model) {
			var x Uint32
			m.Go("panics", func() {
				x.Load()
				panic("at the disco")
			})
		},
		kind: Panic, text: "panics panicked: at the disco",
	},
	{
		name:   "goexit",
		reason: "a goroutine that exits has not returned",
		run: func(m *Model) {
			m.Go("exits", func() { runtime.Goexit() })
		},
		kind: Panic, text: "exits called runtime.Goexit",
	},
	{
		name:   "unlock of an unlocked mutex",
		reason: "sync.Mutex would end the process",
		run: func(m *Model) {
			var x Mutex
			x.Unlock()
		},
		kind: Panic, text: "not locked",
	},
	{
		name:   "waits for itself",
		reason: "deferred functions do not block while an execution is given up",
		run: func(m *Model) {
			var a, b Mutex
			m.Go("defers", func() {
				a.Lock()
				defer a.Unlock()
				b.Lock()
				defer b.Unlock()
				defer b.Lock()
				a.Lock()
			})
		},
		kind: Deadlock, text: "defers in Lock",
	},
	{
		name:   "two goroutines in one coroutine",
		reason: "the steps of a coroutine are those of whoever resumes it",
		run: func(m *Model) {
			var x, turn Uint32
			next, stop := iter.Pull(func(yield func(uint32) bool) {
				for yield(x.Add(1)) {
				}
			})
			var lock Mutex
			m.Go("resume", func() {
				lock.Lock()
				next()
				lock.Unlock()
				turn.Store(1)
			})
			lock.Lock()
			next()
			lock.Unlock()
			m.Wait()
			stop()
			if x.Load() != 2 {
				m.Fatalf("%d", x.Load())
			}
		},
	},
	{
		name:   "pool",
		reason: "what was put may be used again at once",
		run: func(m *Model) {
			p := Pool{New: func() any { return new(int) }}
			first := p.Get().(*int)
			m.Go("put", func() { p.Put(first) })
			if p.Get() == any(first) {
				Write(unsafe.Pointer(first))
				m.Fatalf("used again")
			}
		},
		kind: Assertion, text: "Get() reuses",
	},
	{
		name:   "timer",
		reason: "a timer fires before it is stopped, or not at all",
		run: func(m *Model) {
			var fired Uint32
			stop := AfterFunc(time.Hour, func() { fired.Add(1) })
			seen := fired.Load() == 1
			if stopped := stop(); stopped && seen {
				m.Fatalf("stopped after it had fired")
			} else {
				m.Wait()
				if stopped == (fired.Load() == 1) {
					m.Fatalf("Stop returned %v", stopped)
				}
			}
			if stop() {
				m.Fatalf("stopped twice")
			}
		},
	},
	{
		name:   "timer fires early",
		reason: "there is no time",
		run: func(m *Model) {
			var fired Uint32
			AfterFunc(time.Hour, func() { fired.Add(1) })
			if fired.Load() == 1 {
				m.Fatalf("fired")
			}
		},
		kind: Assertion, text: "fires",
	},
	{
		name:   "context callback",
		reason: "it is called after the end, which it sees",
		run: func(m *Model) {
			ctx := NewContext()
			value := 0
			m.Go("cancel", func() {
				Write(unsafe.Pointer(&value))
				value = 1
				ctx.Cancel()
			})
			ContextAfterFunc(ctx, func() {
				if Read(unsafe.Pointer(&value)); value != 1 || ctx.Err() == nil {
					m.Fatalf("too early")
				}
			})
		},
	},
	{
		name:   "context callback left behind",
		reason: "a callback that is neither called nor stopped is a leak",
		run: func(m *Model) {
			ContextAfterFunc(NewContext(), func() {})
		},
		kind: Deadlock, text: "context in fires at",
	},
	{
		name:   "context callback stopped",
		reason: "it is not called then",
		run: func(m *Model) {
			ctx := NewContext()
			m.Go("cancel", ctx.Cancel)
			called := false
			stop := ContextAfterFunc(ctx, func() { called = true })
			if stopped := stop(); stopped {
				m.Wait()
				if called {
					m.Fatalf("called")
				}
			}
		},
	},
	{
		name:   "event",
		reason: "Wait returns once the event was set, which it sees",
		run: func(m *Model) {
			e := NewEvent()
			value := 0
			m.Go("set", func() {
				Write(unsafe.Pointer(&value))
				value = 1
				e.Set()
			})
			e.Wait(context.Background())
			if Read(unsafe.Pointer(&value)); value != 1 {
				m.Fatalf("too early")
			}
		},
	},
	{
		name:   "event and context",
		reason: "Wait returns once the context has ended, even if nobody sets the event",
		run: func(m *Model) {
			ctx := NewContext()
			m.Go("cancel", ctx.Cancel)
			NewEvent().Wait(ctx)
			if ctx.Err() == nil {
				m.Fatalf("too early")
			}
		},
	},
	{
		name:   "event that nobody sets",
		reason: "Wait blocks",
		run: func(m *Model) {
			NewEvent().Wait(NewContext())
		},
		kind: Deadlock, text: "Wait",
	},
	{
		name:   "derived context",
		reason: "package context knows the callbacks of a Context",
		run: func(m *Model) {
			parent := NewContext()
			ctx, cancel := context.WithCancel(parent)
			m.Go("cancel", parent.Cancel)
			m.Wait()
			<-ctx.Done()
			cancel()
		},
	},
	{
		name:   "named",
		reason: "pointers have names in the steps",
		run: func(m *Model) {
			var x Pointer[int]
			a := new(int)
			m.Name(a, "apple")
			m.Go("swap", func() { x.Swap(a) })
			m.Go("cas", func() { x.CompareAndSwap(nil, new(int)) })
			m.Wait()
			if x.Load() == a {
				m.Fatalf("swapped")
			}
		},
		kind: Assertion, text: "Swap(apple) = nil",
	},
}

type lockFunc func()

func (f lockFunc) Unlock() { f() }
func (lockFunc) Lock()     {}

func TestPrograms(t *testing.T) {
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			stats, failure := Explore(p.run)
			if p.kind == 0 {
				if failure != nil {
					t.Fatalf("%s, and yet: %v", p.reason, failure)
				}
				if stats.Executions == 0 || stats.Interleavings < 1 || stats.Steps == 0 {
					t.Errorf("nothing was explored: %v", stats)
				}
				return
			}
			if failure == nil || failure.Kind != p.kind || !strings.Contains(failure.Error(), p.text) {
				t.Fatalf("%s: got %v\nwant a %v with %q", p.reason, failure, p.kind, p.text)
			}
			for _, s := range failure.Steps {
				if !strings.HasSuffix(s.File, "_test.go") && s.Func != "runtime.goexit" {
					t.Errorf("step %d %s is at %s:%d, not in the program", s.Number, s.Op, s.File, s.Line)
				}
			}
			steps, again := Replay(failure.Schedule, p.run)
			if again == nil || again.Kind != failure.Kind || len(steps) != len(failure.Steps) {
				t.Errorf("replay of %s: %v", failure.Schedule, again)
			}
		})
	}
}
