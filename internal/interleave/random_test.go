package interleave_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	. "github.com/go-await/await/internal/interleave"
)

// A world is what the random programs share.
type world struct {
	words  [2]Uint32
	mutex  Mutex
	cond   Cond
	locked int // guarded by mutex, which the checker is not told
	marked int // guarded by nothing in particular
}

// An instruction does something to the world and returns what it saw.
type instruction func(w *world, seen uint32) uint32

func randomInstruction(r *rand.Rand) (string, instruction) {
	i := r.IntN(2)
	v := r.Uint32N(3)
	switch r.IntN(15) {
	case 0, 1:
		return fmt.Sprint("load ", i), func(w *world, _ uint32) uint32 { return w.words[i].Load() }
	case 2, 3:
		return fmt.Sprint("store ", i), func(w *world, seen uint32) uint32 { w.words[i].Store(seen + v); return seen }
	case 4:
		return fmt.Sprint("swap ", i), func(w *world, seen uint32) uint32 { return w.words[i].Swap(seen + v) }
	case 5:
		return fmt.Sprint("cas ", i), func(w *world, seen uint32) uint32 {
			if w.words[i].CompareAndSwap(v, seen+1) {
				return seen + 1
			}
			return seen
		}
	case 6:
		return fmt.Sprint("add ", i), func(w *world, _ uint32) uint32 { return w.words[i].Add(v) }
	case 7, 8, 9:
		return "plain if flag", func(w *world, seen uint32) uint32 {
			if w.words[i].Load() == 1 {
				Write(unsafe.Pointer(&w.marked))
				w.marked++
			}
			return seen
		}
	case 10:
		return "locked", func(w *world, seen uint32) uint32 {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			w.locked += 2
			return seen + uint32(w.locked)
		}
	case 11:
		return "trylock", func(w *world, seen uint32) uint32 {
			if w.mutex.TryLock() {
				w.mutex.Unlock()
				return seen + 1
			}
			return seen
		}
	case 12:
		return "wait", func(w *world, seen uint32) uint32 {
			w.mutex.Lock()
			if w.words[i].Load() == 0 {
				w.cond.Wait()
			}
			w.mutex.Unlock()
			return seen
		}
	case 13:
		return "signal", func(w *world, seen uint32) uint32 { w.cond.Signal(); return seen }
	default:
		return "broadcast", func(w *world, seen uint32) uint32 {
			w.words[i].Store(1)
			w.cond.Broadcast()
			return seen
		}
	}
}

// What a search finds does not depend on the states that it leaves out: random
// programs have the same outcomes, fail alike and have as many interleavings
// when every order is run.
func TestNothingIsLeftOut(t *testing.T) {
	programs := 1000
	if testing.Short() {
		programs = 400
	}
	failures := map[Kind]int{}
	saved := 0
	for seed := range programs {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		var names []string
		threads := make([][]instruction, 2+r.IntN(2))
		for i := range threads {
			for range 1 + r.IntN(5-len(threads)) {
				name, f := randomInstruction(r)
				threads[i] = append(threads[i], f)
				names = append(names, fmt.Sprint(i, " ", name))
			}
		}
		run := func(opts ...Option) (Stats, *Failure, []string) {
			var outcomes []string
			stats, failure := Explore(func(m *Model) {
				w := new(world)
				w.cond.L = &w.mutex
				var seen [3]uint32
				for i, thread := range threads {
					m.Go(fmt.Sprint(i), func() {
						for _, f := range thread {
							seen[i] = f(w, seen[i])
						}
					})
				}
				m.Wait()
				outcomes = append(outcomes, fmt.Sprint(seen, w.words[0].Load(), w.words[1].Load(), w.locked, w.marked))
			}, opts...)
			slices.Sort(outcomes)
			return stats, failure, slices.Compact(outcomes)
		}
		stats, failure, outcomes := run()
		all, wantFailure, want := run(Again())
		if (failure == nil) != (wantFailure == nil) {
			t.Fatalf("program %d %q\nfails with %v\nand in all orders with %v", seed, names, failure, wantFailure)
		}
		if failure != nil {
			failures[failure.Kind]++
			if len(failure.Steps) == 0 {
				t.Fatalf("program %d %q: no steps: %v", seed, names, failure)
			}
			continue
		}
		if !slices.Equal(outcomes, want) {
			t.Fatalf("program %d %q\nhas the outcomes    %v\nand in all orders %v", seed, names, outcomes, want)
		}
		if stats.Interleavings != float64(all.Executions) || all.Interleavings != stats.Interleavings {
			t.Fatalf("program %d %q: %v\nall orders: %v", seed, names, stats, all)
		}
		saved += all.Executions - stats.Executions
		for bound := range 3 {
			stats, failure, outcomes := run(Preemptions(bound))
			all, _, want := run(Preemptions(bound), Again())
			if failure != nil || !slices.Equal(outcomes, want) || stats.Interleavings != float64(all.Executions) {
				t.Fatalf("program %d %q\nwith %d preemptions: %v, outcomes %v\nin all orders: %v, outcomes %v",
					seed, names, bound, stats, outcomes, all, want)
			}
		}
	}
	t.Logf("%v; %d executions saved", failures, saved)
	if failures[Deadlock] == 0 || failures[Race] == 0 || saved == 0 {
		t.Error("the programs are not varied enough")
	}
}
