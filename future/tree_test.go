package future_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// A tree is a random combinator over random combinators, down to leaves that
// the test resolves one by one. What has to come of it is worked out by a
// reference that knows nothing of polls and wakes: when does each node finish,
// and with what?
type tree struct {
	kind kind
	kids []*tree
	leaf int // which leaf, if it is one
}

type kind int

const (
	leaf kind = iota
	mapOK
	mapFails
	then    // kids[1] is made when kids[0] has a value
	orElse  // kids[1] is made when kids[0] has failed
	catch   // an error becomes the value -1
	finally // changes nothing
	owned   // changes nothing
	lent    // changes nothing: a Borrow, whose source has no other consumer
	timeout // is never over
	shared  // polled through two clones
	all
	settle
	race
	anyOf
	join2
	select2
	select4
	set // takes all results through a Set, as Settle does
	kinds
)

var kindNames = [...]string{"leaf", "map", "fail", "then", "orelse", "catch", "finally", "owned", "lent", "timeout",
	"shared", "all", "settle", "race", "any", "join2", "select2", "select4", "set"}

func (tr *tree) String() string {
	if tr.kind == leaf {
		return fmt.Sprint(tr.leaf)
	}
	var kids []string
	for _, k := range tr.kids {
		kids = append(kids, k.String())
	}
	return kindNames[tr.kind] + "(" + strings.Join(kids, " ") + ")"
}

// settles reports whether tr is a leaf that is a Settler: every other one is.
func (tr *tree) settles() bool { return tr.kind == leaf && tr.leaf%2 == 1 }

// drawTree draws a tree with leaves numbered from *leaves.
func drawTree(t *rapid.T, depth int, leaves *int, kindsOf []kind) *tree {
	tr := &tree{}
	if depth > 0 && *leaves < 20 {
		tr.kind = rapid.SampledFrom(kindsOf).Draw(t, "kind")
	}
	n := 1
	switch tr.kind {
	case leaf:
		tr.leaf = *leaves
		*leaves++
		return tr
	case all, settle, race, anyOf, set:
		n = rapid.IntRange(1, 4).Draw(t, "children")
	case then, orElse, join2, select2:
		n = 2
	case select4:
		n = 4
	}
	for range n {
		tr.kids = append(tr.kids, drawTree(t, depth-1, leaves, kindsOf))
	}
	return tr
}

// An outcome is what a node comes to: a value, an error that is some of the
// leaves' errors, or a panic with the error of one leaf.
type outcome struct {
	value  int
	errs   uint64 // by the leaf's number
	panics bool
}

const mapError = 63 // the number of the error of mapFails

func (o outcome) ok() bool { return o.errs == 0 }

// A fate is what the test does with a leaf, and when. Fates at time 0 come
// before the first Poll.
type fate struct {
	at int // math.MaxInt: never
	outcome
}

// finish is the reference. It returns when tr finishes and how, if it begins to
// be polled at the time start.
func (tr *tree) finish(fates []fate, start int) fate {
	if tr.kind == leaf {
		f := fates[tr.leaf]
		f.at = max(f.at, start)
		return f
	}
	if tr.kind == then {
		f := tr.kids[0].finish(fates, start)
		if f.ok() && f.at < math.MaxInt {
			f = tr.kids[1].finish(fates, f.at)
		}
		return f
	}
	if tr.kind == orElse {
		f := tr.kids[0].finish(fates, start)
		if !f.ok() && !f.panics && f.at < math.MaxInt {
			f = tr.kids[1].finish(fates, f.at)
		}
		return f
	}
	var kids []fate
	for _, k := range tr.kids {
		kids = append(kids, k.finish(fates, start))
	}
	// In the order in which a combinator comes upon them.
	order := slices.Clone(kids)
	if tr.kind == all || tr.kind == settle { // settlers first
		order = order[:0]
		for _, settlers := range []bool{true, false} {
			for i, k := range tr.kids {
				if k.settles() == settlers {
					order = append(order, kids[i])
				}
			}
		}
	}
	slices.SortStableFunc(order, func(a, b fate) int { return a.at - b.at })
	last := order[len(order)-1]
	sum := fate{at: last.at}
	for _, f := range order {
		ends := false
		switch {
		case f.at == math.MaxInt:
			continue
		case f.panics:
			ends = true
		case tr.kind == all || tr.kind == join2:
			ends = !f.ok()
		case tr.kind == race || tr.kind == select2 || tr.kind == select4:
			ends = true
		case tr.kind == anyOf:
			ends = f.ok()
		}
		if ends && tr.kind != shared {
			return f
		}
		sum.value += f.value
		sum.errs |= f.errs
		sum.panics = sum.panics || f.panics
	}
	switch tr.kind {
	case mapOK:
		if sum.ok() {
			sum.value *= 2
		}
	case mapFails:
		if sum.ok() {
			sum.outcome = outcome{errs: 1 << mapError}
		}
	case catch:
		if !sum.ok() {
			sum.outcome = outcome{value: -1}
		}
	case shared:
		sum.panics = false
	case settle, set:
		sum.errs = 0 // counted in the value by build, and so here
		for _, f := range kids {
			if !f.ok() {
				sum.value += 1000
			}
		}
	}
	if sum.at == math.MaxInt {
		return fate{at: math.MaxInt}
	}
	return sum
}

// A forest is the leaves that a tree is built over.
type forest struct {
	probes   probes
	settlers []*settler // over the probes
	owned    []bool     // the leaf has been given to a combinator
	errs     []error
}

func newForest(n int) *forest {
	fo := &forest{probes: newProbes(n), owned: make([]bool, n)}
	for _, p := range fo.probes {
		fo.settlers = append(fo.settlers, &settler{Probe: p})
	}
	for i := range 64 {
		fo.errs = append(fo.errs, fmt.Errorf("error %d", i))
	}
	return fo
}

func (fo *forest) build(tr *tree) future.Future[int] {
	if tr.kind == leaf {
		fo.owned[tr.leaf] = true
		if tr.settles() {
			return fo.settlers[tr.leaf]
		}
		return fo.probes[tr.leaf]
	}
	first := fo.build(tr.kids[0])
	if tr.kind == then {
		return future.Then(first, func(int) future.Future[int] { return fo.build(tr.kids[1]) })
	}
	if tr.kind == orElse {
		return future.OrElse(first, func(error) future.Future[int] { return fo.build(tr.kids[1]) })
	}
	fs := futures{first}
	for _, k := range tr.kids[1:] {
		fs = append(fs, fo.build(k))
	}
	results := func(rs []future.Result[int]) (int, error) {
		n := 0
		for _, r := range rs {
			n += r.Value
			if r.Err != nil {
				n += 1000
			}
		}
		return n, nil
	}
	switch tr.kind {
	case mapOK:
		return future.Map(first, double)
	case mapFails:
		return future.Map(first, func(int) (int, error) { return 0, fo.errs[mapError] })
	case catch:
		return future.Catch(first, func(error) (int, error) { return -1, nil })
	case finally:
		return future.Finally(first, func() {})
	case owned:
		return future.Owned(first, func(int) {})
	case lent:
		// It goes with its borrower.
		return future.Finally(future.Borrow(first), func() { future.Cancel(first) })
	case timeout:
		return future.Timeout(first, time.Hour)
	case shared:
		s := future.Share(first)
		c := s.Clone()
		c.Poll(nil)
		c.Cancel()
		return s
	case all:
		return future.Map(future.All(fs...), sum)
	case settle:
		return future.Map(future.Settle(fs...), results)
	case race:
		return future.Race(fs...)
	case anyOf:
		return future.Any(fs...)
	case join2:
		return future.Map(future.Join2(fs[0], fs[1]), func(p future.Pair[int, int]) (int, error) { return p.A + p.B, nil })
	case select2:
		return future.Map(future.Select2(fs[0], fs[1]), func(e future.Either[int, int]) (int, error) { return e.A + e.B, nil })
	case select4:
		return future.Map(future.Select4(fs[0], fs[1], fs[2], fs[3]), func(e future.Either4[int, int, int, int]) (int, error) { return e.A + e.B + e.C + e.D, nil })
	case set:
		d := new(drained)
		for _, f := range fs {
			d.set.Add(f)
		}
		return future.Map(d, results)
	}
	panic("unknown kind")
}

// A drained is all the results of a set.
type drained struct {
	set     future.Set[int]
	results []future.Result[int]
	over    error
}

func (d *drained) Poll(w *future.Waker) ([]future.Result[int], bool, error) {
	if d.over != nil {
		return nil, true, d.over
	}
	for {
		r, ready, err := d.set.Next().Poll(w)
		if !ready {
			return nil, false, nil
		}
		if err == future.ErrNoFutures {
			d.over = future.ErrConsumed
			return d.results, true, nil
		}
		d.results = append(d.results, r)
	}
}

func (d *drained) Cancel() {
	if d.over == nil {
		d.over = future.ErrCanceled
		d.set.Cancel()
	}
}

// meet lets a leaf meet its fate.
func (fo *forest) meet(i int, f outcome) {
	switch p := fo.probes[i]; {
	case f.panics:
		p.Panic(fo.errs[i])
		fo.settlers[i].current().Wake()
	case f.ok():
		p.Resolve(f.value)
		fo.settlers[i].current().Settle(false)
	default:
		p.Fail(fo.errs[i])
		fo.settlers[i].current().Settle(true)
	}
}

// outcome is what came of the tree.
func (fo *forest) outcome(v int, err error) outcome {
	o := outcome{value: v}
	for i, e := range fo.errs {
		if errors.Is(err, e) {
			o.errs |= 1 << i
		}
	}
	return o
}

// check says which leaf was not treated as it should have been, now that the
// tree is over: each was finished, or cancelled exactly once, or not yet taken.
func (fo *forest) check() error {
	for i, p := range fo.probes {
		cancels, polls, finished := p.Cancels(), p.Polls(), p.Finished()
		switch {
		case !fo.owned[i]:
			if cancels > 0 || polls > 0 {
				return fmt.Errorf("leaf %d was touched and never taken", i)
			}
		case finished && cancels > 1, !finished && cancels != 1:
			return fmt.Errorf("leaf %d: finished %v, cancelled %d times", i, finished, cancels)
		}
	}
	return nil
}

// testTree resolves leaf after leaf, polls the tree when it is woken, and
// expects of each Poll what the reference says.
func testTree(t *rapid.T) {
	leaves := 0
	every := make([]kind, kinds)
	for i := range every {
		every[i] = kind(i)
	}
	tr := drawTree(t, 4, &leaves, every)
	fates := make([]fate, leaves)
	times := rapid.Permutation(numbers(leaves)).Draw(t, "times")
	head := rapid.IntRange(0, leaves).Draw(t, "before the first Poll")
	for i := range fates {
		fates[i].at = max(0, times[i]-head)
		switch rapid.SampledFrom([]string{"ok", "ok", "ok", "fails", "panics", "never"}).Draw(t, "fate") {
		case "ok":
			fates[i].value = i + 1
		case "panics":
			fates[i].panics = true
			fates[i].errs = 1 << i
		case "fails":
			fates[i].errs = 1 << i
		case "never":
			fates[i].at = math.MaxInt
		}
	}
	want := tr.finish(fates, 0)
	fo := newForest(leaves)
	// The leaves that come before the first Poll.
	for i, f := range fates {
		if f.at == 0 {
			fo.meet(i, f.outcome)
		}
	}
	root := future.Catch(fo.build(tr), func(err error) (int, error) { return 0, err })
	c := futuretest.NewCounter()
	var got outcome
	over := false
	wakes := 0 // before the latest Poll
	poll := func(w *future.Waker) {
		wakes = c.Wakes()
		defer func() {
			if r := recover(); r != nil {
				over = true
				got = fo.outcome(0, r.(error))
				got.panics = true
				future.Cancel(root) // rule 5
			}
		}()
		v, ready, err := root.Poll(w)
		if ready {
			over = true
			got = fo.outcome(v, err)
		}
	}
	poll(nil)
	if !over {
		poll(c.Waker())
	}
	spurious := rapid.Bool().Draw(t, "spurious wakes")
	for now := 0; now <= leaves; now++ {
		if now > 0 {
			for i, f := range fates {
				if f.at == now {
					fo.meet(i, f.outcome)
					if spurious && !over {
						poll(c.Waker())
					}
					for !over && c.Wakes() > wakes {
						poll(c.Waker())
					}
				} else if spurious {
					fo.probes[i].Wake()
				}
			}
		}
		if over != (want.at <= now) {
			t.Fatalf("%v at %d: over: %v, want that at %d\n%v", tr, now, over, want.at, fates)
		}
	}
	if over && got != want.outcome {
		t.Fatalf("%v: got %+v, want %+v\n%v", tr, got, want, fates)
	}
	if !over {
		future.Cancel(root)
		future.Cancel(root)
	}
	if _, ready, err := root.Poll(nil); !ready || !errors.Is(err, future.ErrConsumed) && !errors.Is(err, future.ErrCanceled) {
		t.Fatalf("%v: polled afterwards: %v, %v", tr, ready, err)
	}
	if err := fo.check(); err != nil {
		t.Fatalf("%v: %v\n%v", tr, err, fates)
	}
	for _, p := range fo.probes {
		p.Wake() // late
	}
}

func numbers(n int) []int {
	ns := make([]int, n)
	for i := range ns {
		ns[i] = i + 1
	}
	return ns
}

func TestTreesAgainstReference(t *testing.T) { rapid.Check(t, testTree) }

func FuzzTrees(f *testing.F) { f.Fuzz(rapid.MakeFuzz(testTree)) }

// Leaves that are resolved by several goroutines at once: what must come of the
// tree does not depend on the order where it has no races, and nothing is left
// behind where it has.
func TestTreesOnGoroutines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := 0
		kindsOf := []kind{leaf, mapOK, then, finally, owned, timeout, shared, all, settle, join2, set}
		calm := rapid.Bool().Draw(t, "calm")
		if !calm {
			kindsOf = append(kindsOf, race, anyOf, select2, select4, orElse, catch, mapFails)
		}
		tr := drawTree(t, 4, &leaves, kindsOf)
		fates := make([]fate, leaves)
		for i := range fates {
			fates[i].value = i + 1
			if !calm && rapid.IntRange(0, 3).Draw(t, "fails") == 0 {
				fates[i].outcome = outcome{errs: 1 << i}
			}
		}
		fo := newForest(leaves)
		root := fo.build(tr)
		var wg sync.WaitGroup
		for g := range 3 {
			wg.Go(func() {
				for i, f := range fates {
					if i%3 == g {
						fo.probes[i].Wake()
						fo.meet(i, f.outcome)
					}
				}
			})
		}
		v, err := future.Await(background, root)
		wg.Wait()
		if want := tr.finish(fates, 0); calm && fo.outcome(v, err) != want.outcome {
			t.Fatalf("%v: got (%v, %v), want %v", tr, v, err, want.outcome)
		}
		if err := fo.check(); err != nil {
			t.Fatalf("%v: %v", tr, err)
		}
	})
}
