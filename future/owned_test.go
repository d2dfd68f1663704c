package future_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/go-await/await/future"
	"github.com/go-await/await/future/futuretest"
)

// A vault counts how often each value was released.
type vault struct{ released map[int]int }

func newVault() *vault { return &vault{make(map[int]int)} }

func (v *vault) release(n int) { v.released[n]++ }

func (v *vault) own(f future.Future[int]) future.Future[int] { return future.Owned(f, v.release) }

// once says which of the values was not released exactly once, or what else was.
func (v *vault) once(values ...int) error {
	for _, n := range values {
		if v.released[n] != 1 {
			return fmt.Errorf("value %d was released %d times, want once (all: %v)", n, v.released[n], v.released)
		}
	}
	if len(v.released) != len(values) {
		return fmt.Errorf("released %v, want %v only", v.released, values)
	}
	return nil
}

// A value that no consumer takes is released once, whatever drops it and whenever it comes.
func TestOwnedIsReleasedOnce(t *testing.T) {
	type F = future.Future[int]
	sent := func(n int) *parcel[int] {
		p := new(parcel[int])
		p.send(n, nil)
		return p
	}
	tests := []struct {
		name string
		run  func(t *testing.T, v *vault)
		want []int
	}{
		{"taken", func(t *testing.T, v *vault) { once(t, v.own(future.Ready(1))) }, nil},
		{"taken, and canceled after that", func(t *testing.T, v *vault) {
			f := v.own(future.Ready(1))
			once(t, f)
			future.Cancel(f)
		}, nil},
		{"failed", func(t *testing.T, v *vault) { once(t, v.own(future.Failed[int](errTest))) }, nil},
		{"with an error", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			p.send(1, errTest)
			f := v.own(p)
			future.Cancel(f)
			if n, err := once(t, f); n != 1 || err != errTest {
				t.Errorf("got (%v, %v), want the error that was kept, with its value", n, err)
			}
		}, nil},
		{"canceled with the value in it", func(t *testing.T, v *vault) {
			f := v.own(sent(1))
			future.Cancel(f)
			future.Cancel(f)
			if _, err := once(t, f); err != future.ErrCanceled {
				t.Errorf("got %v, want ErrCanceled", err)
			}
		}, []int{1}},
		{"canceled before the value comes", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			future.Cancel(v.own(p))
			p.come(1, nil)
		}, []int{1}},
		{"loser of a Race that was ready", func(t *testing.T, v *vault) {
			once(t, future.Race(v.own(sent(1)), v.own(sent(2))))
		}, []int{2}},
		{"loser of a Race that comes later", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			once(t, future.Race(v.own(p), v.own(sent(2))))
			p.come(1, nil)
		}, []int{1}},
		{"losers of a Race that is owned", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			once(t, v.own(future.Race[int](p, sent(2), sent(3))))
			p.come(1, nil)
		}, []int{1, 3}},
		{"all of a Race that is owned and canceled", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			future.Cancel(v.own(future.Race[int](p, sent(2))))
			p.come(1, nil)
		}, []int{1, 2}},
		{"losers of Any", func(t *testing.T, v *vault) {
			once(t, v.own(future.Any(future.Failed[int](errTest), future.Ready(1), future.Ready(2))))
		}, []int{2}},
		{"loser of Select2", func(t *testing.T, v *vault) {
			once(t, future.Select2(v.own(sent(1)), v.own(sent(2))))
		}, []int{2}},
		{"losers of Select4", func(t *testing.T, v *vault) {
			once(t, future.Select4(future.Never[string](), v.own(sent(1)), v.own(sent(2)), v.own(sent(3))))
		}, []int{2, 3}},
		{"source of a Timeout that is over", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			once(t, future.Timeout(v.own(p), 0))
			p.come(1, nil)
		}, []int{1}},
		{"Timeout that is owned", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			once(t, v.own(future.Timeout(p, 0)))
			p.come(1, nil)
		}, []int{1}},
		{"gathered by an All that fails", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			once(t, future.All(v.own(future.Ready(1)), v.own(p), v.own(future.Ready(3)), future.Failed[int](errTest)))
			p.come(2, nil)
		}, []int{1, 2, 3}},
		{"gathered by an All through other combinators", func(t *testing.T, v *vault) {
			own := func(n int) F { return v.own(future.Ready(n)) }
			once(t, future.All(
				future.Timeout(own(1), time.Hour),
				future.Race(own(2), future.Never[int]()),
				future.Any(own(3)),
				future.Catch(own(4), rethrow),
				future.Finally(own(5), func() {}),
				future.OrElse(own(6), future.Failed[int]),
				future.OrElse(future.Failed[int](errTest), func(error) F { return own(7) }),
				future.Lazy(func() F { return own(8) }),
				future.Then(future.Ready(0), func(int) F { return own(9) }),
				future.Then(future.Ready(0), func(int) F { return future.OrElse(own(10), future.Failed[int]) }),
				future.WithContext(background, future.Borrow(own(11))),
				future.Share(own(12)),
				future.Failed[int](errTest),
			))
		}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{"gathered by an All that is canceled", func(t *testing.T, v *vault) {
			f := future.All(v.own(future.Ready(1)), future.Never[int]())
			f.Poll(nil)
			future.Cancel(f)
			future.Cancel(f)
		}, []int{1}},
		{"gathered by an All whose other child panics", func(t *testing.T, v *vault) {
			futuretest.NewHarness(t, future.All(v.own(future.Ready(1)), future.Func(crash2))).Panics()
		}, []int{1}},
		{"gathered by an All in an All", func(t *testing.T, v *vault) {
			once(t, future.All(
				future.All(v.own(future.Ready(1)), v.own(future.Ready(2))),
				future.All(v.own(future.Ready(3)), future.Failed[int](errTest))))
		}, []int{1, 2, 3}},
		{"gathered by a Settle that is canceled", func(t *testing.T, v *vault) {
			f := future.Settle(v.own(future.Ready(1)), v.own(future.Failed[int](errTest)), future.Never[int]())
			f.Poll(nil)
			future.Cancel(f)
		}, []int{1}},
		{"Settle in an All", func(t *testing.T, v *vault) {
			once(t, future.All(future.Settle(v.own(future.Ready(1)), future.Failed[int](errTest)),
				future.Failed[[]future.Result[int]](errTest)))
		}, []int{1}},
		{"gathered by a Join3 that fails", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			once(t, future.Join3(v.own(future.Ready(1)), v.own(p), future.Failed[string](errTest)))
			p.come(2, nil)
		}, []int{1, 2}},
		{"gathered by a Join2 that is canceled", func(t *testing.T, v *vault) {
			f := future.Join2(v.own(future.Ready(1)), future.Never[int]())
			f.Poll(nil)
			f.Poll(nil)
			future.Cancel(f)
		}, []int{1}},
		{"Join2 and Select in an All", func(t *testing.T, v *vault) {
			failed := errors.New("the last one")
			once(t, future.All(future.Join2(v.own(future.Ready(1)), v.own(future.Ready(2))), future.Failed[future.Pair[int, int]](failed)))
			once(t, future.All(future.Select2(future.Never[int](), v.own(future.Ready(3))), future.Failed[future.Either[int, int]](failed)))
			once(t, future.All(future.Select3(future.Never[int](), future.Never[int](), v.own(future.Ready(4))), future.Failed[future.Either3[int, int, int]](failed)))
		}, []int{1, 2, 3, 4}},
		{"Next of a Set in an All", func(t *testing.T, v *vault) {
			var set future.Set[int]
			set.Add(v.own(future.Ready(1)))
			once(t, future.All(set.Next(), future.Failed[future.Result[int]](errTest)))
		}, []int{1}},
		{"in a Set that is canceled", func(t *testing.T, v *vault) {
			var set future.Set[int]
			set.Add(v.own(sent(1)))
			set.Cancel()
		}, []int{1}},
		{"Share whose clones are all canceled", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			s := future.Share(v.own(p))
			c := s.Clone()
			s.Poll(nil)
			p.send(1, nil)
			c.Cancel()
			s.Cancel()
		}, []int{1}},
		{"Share that is done, and whose other clones are canceled", func(t *testing.T, v *vault) {
			s := future.Share(v.own(future.Ready(1)))
			a, b := s.Clone(), s.Clone()
			once(t, future.All[int](a, future.Failed[int](errTest)))
			s.Cancel()
			if len(v.released) > 0 {
				t.Error("released while a clone is there")
			}
			b.Cancel()
			if _, err := once(t, b.Clone()); err != future.ErrCanceled {
				t.Errorf("a clone of what was released gives %v, want ErrCanceled", err)
			}
		}, []int{1}},
		{"Share of which one clone has taken it", func(t *testing.T, v *vault) {
			s := future.Share(v.own(future.Ready(1)))
			c := s.Clone()
			once[int](t, s)
			c.Cancel()
		}, nil},
		{"not got to by a loop over Buffered", func(t *testing.T, v *vault) {
			fs := []F{v.own(future.Ready(1)), v.own(future.Ready(2)), v.own(sent(3))}
			polled := false
			slow := future.Func(func(w *future.Waker) (int, bool, error) { // ready once the others have begun
				w.Wake()
				defer func() { polled = true }()
				return 0, polled, nil
			})
			for range future.Buffered(background, slices.Values(append([]F{slow}, fs...)), 3) {
				break
			}
		}, []int{1, 2}},
		{"not got to by a loop over Completed", func(t *testing.T, v *vault) {
			for range future.Completed(background, v.own(sent(1)), v.own(sent(2))) {
				break
			}
		}, []int{2}},
		{"Await whose context has ended", func(t *testing.T, v *vault) {
			p := new(parcel[int])
			if _, err := future.Await(ended(), v.own(p)); err != errTest {
				t.Errorf("got %v, want the cause", err)
			}
			p.come(1, nil)
		}, []int{1}},
		{"a panic of Finally's function", func(t *testing.T, v *vault) {
			boom := func() { panic("boom") }
			futuretest.NewHarness(t, future.Finally(v.own(future.Ready(1)), boom)).Panics()
			futuretest.NewHarness(t, v.own(future.Finally(future.Ready(2), boom))).Panics()
			futuretest.NewHarness(t, v.own(future.Timeout(future.Finally(future.Ready(3), boom), time.Hour))).Panics()
		}, []int{1, 2, 3}},
		{"a panic in Cancel of a loser", func(t *testing.T, v *vault) {
			loser := func() F { return future.Finally(future.Never[int](), func() { panic("boom") }) }
			futuretest.NewHarness(t, future.Race(v.own(future.Ready(1)), loser())).Panics()
			futuretest.NewHarness(t, v.own(future.Any(future.Ready(2), loser()))).Panics()
			futuretest.NewHarness(t, future.Select2(v.own(future.Ready(3)), loser())).Panics()
			futuretest.NewHarness(t, future.Select3(v.own(future.Ready(4)), loser(), future.Never[int]())).Panics()
			futuretest.NewHarness(t, future.All(v.own(future.Ready(5)), loser(), future.Failed[int](errTest))).Panics()
			futuretest.NewHarness(t, future.Join3(v.own(future.Ready(6)), loser(), future.Failed[int](errTest))).Panics()
		}, []int{1, 2, 3, 4, 5, 6}},
		{"a Poll that panics has no value", func(t *testing.T, v *vault) {
			futuretest.NewHarness(t, v.own(future.Func(crash2))).Panics()
		}, nil},
		{"Borrow leaves it", func(t *testing.T, v *vault) {
			f := v.own(sent(1))
			future.Cancel(future.Borrow(f))
			if n, err := once(t, f); n != 1 || err != nil {
				t.Errorf("got (%v, %v), want 1", n, err)
			}
		}, nil},
		{"the second stage of a Then that is owned", func(t *testing.T, v *vault) {
			p, q, r := new(parcel[int]), new(parcel[int]), new(parcel[int])
			f := v.own(future.Then(future.Ready(0), func(int) F { return p }))
			f.Poll(nil)
			future.Cancel(f)
			p.come(1, nil)
			f = v.own(future.OrElse(future.Failed[int](errTest), func(error) F { return q }))
			f.Poll(nil)
			future.Cancel(f)
			q.come(2, nil)
			f = v.own(future.Lazy(func() F { return r }))
			f.Poll(nil)
			future.Cancel(f)
			r.come(3, nil)
		}, []int{1, 2, 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := newVault()
			test.run(t, v)
			if err := v.once(test.want...); err != nil {
				t.Error(err)
			}
		})
	}
}

// Two owners of one value are both told of it, whichever of them a panic hits.
func TestTwoOwners(t *testing.T) {
	inner, outer := newVault(), newVault()
	both := func(f future.Future[int]) future.Future[int] { return outer.own(inner.own(f)) }
	p := new(parcel[int])
	p.send(1, nil)
	future.Cancel(both(p))
	late := new(parcel[int])
	future.Cancel(both(late))
	late.come(2, nil)
	once(t, future.All(both(future.Ready(3)), future.Failed[int](errTest)))
	for name, v := range map[string]*vault{"inner": inner, "outer": outer} {
		if err := v.once(1, 2, 3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A release that panics keeps no other value from being released.
func TestReleasePanics(t *testing.T) {
	released := 0
	own := func(n int) future.Future[int] {
		return future.Owned(future.Ready(n), func(n int) {
			released++
			panic(fmt.Sprint("release ", n))
		})
	}
	for name, run := range map[string]func(){
		"All that fails":       func() { once(t, future.All(own(1), own(2), own(3), future.Failed[int](errTest))) },
		"All that is canceled": func() { future.Cancel(future.All(own(1), own(2), own(3))) },
		"Settle":               func() { f := future.Settle(own(1), own(2), own(3), future.Never[int]()); f.Poll(nil); future.Cancel(f) },
		"Join":                 func() { once(t, future.Join4(own(1), own(2), own(3), future.Failed[int](errTest))) },
		"Race":                 func() { once(t, future.Race(future.Ready(0), own(1), own(2), own(3))) },
		"Select":               func() { once(t, future.Select4(future.Ready(0), own(1), own(2), own(3))) },
		"one value, three owners": func() {
			r := func(int) { released++; panic("r") }
			future.Cancel(future.Owned(future.Owned(own(1), r), r))
		},
		"Buffered": func() {
			p := new(parcel[int])
			seq := slices.Values([]future.Future[int]{p, own(1), own(2), future.Lazy(func() future.Future[int] { p.send(0, nil); return own(3) })})
			for range future.Buffered(background, seq, 4) {
				break
			}
		},
	} {
		released = 0
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: the panic was swallowed", name)
				}
			}()
			run()
		}()
		if released != 3 {
			t.Errorf("%s: released %d times, want 3", name, released)
		}
	}
}

// A goroutine whose future was canceled releases what it comes to.
func TestOwnedGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVault()
		for i, f := range []future.Future[int]{
			future.Go(func() (int, error) { time.Sleep(time.Second); return 1, nil }),
			future.GoContext(background, func(ctx context.Context) (int, error) { <-ctx.Done(); return 2, nil }),
			future.Go(func() (int, error) { time.Sleep(time.Second); return 3, errTest }),
			future.Go(func() (int, error) { return 4, nil }), // is there when it is canceled
			v.own(future.Go(func() (int, error) { return 5, nil })),
		} {
			f = v.own(f)
			if i < 4 {
				synctest.Wait()
				future.Cancel(f)
			}
			time.Sleep(time.Minute)
			once(t, f)
		}
		if err := v.once(1, 2, 4); err != nil {
			t.Error(err)
		}
	})
}

// A value that FromChan takes out of the channel while it is canceled is released.
func TestOwnedFromChan(t *testing.T) {
	for range 200 {
		c := make(chan int)
		released := make(chan int, 1)
		f := future.Owned(future.FromChan(c), func(n int) { released <- n })
		f.Poll(futuretest.NewCounter().Waker())
		sent := make(chan bool)
		go func() {
			select {
			case c <- 1:
				sent <- true
			case <-time.After(time.Millisecond):
				sent <- false
			}
		}()
		future.Cancel(f)
		if <-sent {
			<-released // not lost
		}
		if len(released) > 0 {
			t.Fatal("released twice, or without having been sent")
		}
	}
}

// A grove is a random tree over leaves whose values are owned, each once, somewhere on
// their way up.
type grove struct {
	t      *rapid.T
	leaves []*resourceLeaf
	opened []*resource
}

type resource struct {
	id              int
	taken, released int
}

// A resourceLeaf is a leaf of a grove. One that is no dropper refuses what comes after
// Cancel.
type resourceLeaf struct {
	parcel[*resource]
	crash   bool
	dropper bool
	fate    string
}

func (l *resourceLeaf) Poll(w *future.Waker) (*resource, bool, error) {
	if l.crash {
		l.Cancel()
		panic(errTest)
	}
	return l.parcel.Poll(w)
}

// undropped hides OnDrop.
type undropped struct{ leaf *resourceLeaf }

func (u undropped) Poll(w *future.Waker) (*resource, bool, error) { return u.leaf.Poll(w) }
func (u undropped) Cancel()                                       { u.leaf.Cancel() }

func (g *grove) open() *resource {
	r := &resource{id: len(g.opened)}
	g.opened = append(g.opened, r)
	return r
}

func release(r *resource) { r.released++ }

// meet lets a leaf meet its fate.
func (g *grove) meet(l *resourceLeaf) {
	switch l.fate {
	case "value":
		if l.dropper {
			l.come(g.open(), nil)
		} else if r := (&resource{id: -1}); l.send(r, nil) {
			r.id = len(g.opened)
			g.opened = append(g.opened, r)
		}
	case "error":
		l.send(nil, errTest)
	case "crash":
		l.crash = true
		w := l.waker
		w.Wake()
	}
	l.fate = "met"
}

// build builds a tree. Its values have an owner above if owned is set; otherwise the
// tree owns them.
func (g *grove) build(depth int, owned bool) future.Future[*resource] {
	type F = future.Future[*resource]
	if !owned && (depth == 0 || rapid.IntRange(0, 3).Draw(g.t, "own here") == 0) {
		return future.Owned(g.build(depth, true), release)
	}
	kind := "leaf"
	if depth > 0 {
		kind = rapid.SampledFrom([]string{"leaf", "ready", "timeout", "over", "catch", "finally", "explodes", "orelse", "lazy", "then", "race", "any", "share", "borrow"}).Draw(g.t, "kind")
	}
	kid := func() F { return g.build(depth-1, owned) }
	kids := func() (fs []F) {
		for range rapid.IntRange(1, 3).Draw(g.t, "kids") {
			fs = append(fs, kid())
		}
		return fs
	}
	switch kind {
	case "ready":
		if !owned {
			return future.Owned(future.Ready(g.open()), release)
		}
		return future.Ready(g.open())
	case "timeout":
		return future.Timeout(kid(), time.Hour)
	case "over":
		return future.Timeout(kid(), 0)
	case "catch":
		return future.Catch(kid(), func(err error) (*resource, error) {
			if owned {
				return g.open(), nil
			}
			return nil, err
		})
	case "finally":
		return future.Finally(kid(), func() {})
	case "explodes":
		return future.Finally(kid(), func() { panic(errTest) })
	case "orelse":
		return future.OrElse(kid(), func(error) F { return g.build(depth-1, owned) })
	case "lazy":
		return future.Lazy(kid)
	case "then":
		first := future.Ready(0)
		if rapid.IntRange(0, 3).Draw(g.t, "first fails") == 0 {
			first = future.Failed[int](errTest)
		}
		return future.Then(first, func(int) F { return g.build(depth-1, owned) })
	case "race":
		return future.Race(kids()...)
	case "any":
		return future.Any(kids()...)
	case "share":
		if owned { // own what is shared, not the clones
			return future.Timeout(kid(), time.Hour)
		}
		s := future.Share(future.Owned(g.build(depth-1, true), release))
		c := s.Clone()
		c.Cancel()
		return s
	case "borrow":
		return kid()
	}
	l := &resourceLeaf{
		dropper: rapid.Bool().Draw(g.t, "dropper"),
		fate:    rapid.SampledFrom([]string{"value", "value", "value", "error", "crash", "never"}).Draw(g.t, "fate"),
	}
	g.leaves = append(g.leaves, l)
	var f F = undropped{l}
	if l.dropper {
		f = l
	}
	if !owned {
		f = future.Owned(f, release)
	}
	return f
}

func take(rs ...*resource) {
	for _, r := range rs {
		if r != nil {
			r.taken++
		}
	}
}

func taking[T any](f future.Future[T], take func(T)) future.Future[struct{}] {
	return future.Map(f, func(v T) (struct{}, error) { take(v); return struct{}{}, nil })
}

// root builds what gathers the values of some trees, at last for a consumer that takes
// them.
func (g *grove) root() future.Future[struct{}] {
	tree := func() future.Future[*resource] { return g.build(3, false) }
	trees := func() (fs []future.Future[*resource]) {
		for range rapid.IntRange(1, 4).Draw(g.t, "trees") {
			fs = append(fs, tree())
		}
		return fs
	}
	results := func(rs []future.Result[*resource]) {
		for _, r := range rs {
			take(r.Value)
		}
	}
	switch rapid.SampledFrom([]string{"one", "all", "all all", "settle", "settle settle", "join", "join join", "select2", "select4", "select select", "set", "race of all"}).Draw(g.t, "root") {
	case "all":
		return taking(future.All(trees()...), func(rs []*resource) { take(rs...) })
	case "all all":
		return taking(future.All(future.All(trees()...), future.All(trees()...)), func(rs [][]*resource) { take(slices.Concat(rs...)...) })
	case "settle":
		return taking(future.Settle(trees()...), results)
	case "settle settle":
		return taking(future.All(future.Settle(trees()...), future.Settle(trees()...)), func(rs [][]future.Result[*resource]) { results(slices.Concat(rs...)) })
	case "join":
		return taking(future.Join4(tree(), tree(), tree(), tree()), func(q future.Quad[*resource, *resource, *resource, *resource]) { take(q.A, q.B, q.C, q.D) })
	case "join join":
		type pair = future.Pair[*resource, *resource]
		return taking(future.Join2(future.Join2(tree(), tree()), future.Join2(tree(), tree())), func(p future.Pair[pair, pair]) { take(p.A.A, p.A.B, p.B.A, p.B.B) })
	case "select2":
		return taking(future.Select2(tree(), tree()), func(e future.Either[*resource, *resource]) { take(e.A, e.B) })
	case "select4":
		return taking(future.Select4(tree(), tree(), tree(), tree()), func(e future.Either4[*resource, *resource, *resource, *resource]) { take(e.A, e.B, e.C, e.D) })
	case "select select":
		return taking(future.All(future.Select3(tree(), tree(), tree()), future.Select3(tree(), tree(), tree())), func(es []future.Either3[*resource, *resource, *resource]) {
			for _, e := range es {
				take(e.A, e.B, e.C)
			}
		})
	case "set":
		var set future.Set[*resource]
		for _, f := range trees() {
			set.Add(f)
		}
		rest := future.Finally(future.Never[future.Result[*resource]](), set.Cancel)
		return taking(future.Race(future.All(set.Next(), set.Next(), set.Next(), rest)), results)
	case "race of all":
		return taking(future.Race(future.All(trees()...), future.All(trees()...)), func(rs []*resource) { take(rs...) })
	}
	return taking(tree(), func(r *resource) { take(r) })
}

// Whatever comes of random trees, through cancellation, errors, panics and any order
// of completion, each value that was opened is taken, or else released exactly once.
func TestOwnedInRandomTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &grove{t: t}
		root := g.root()
		over := false
		poll := func() {
			defer func() {
				if recover() != nil {
					over = true
					survive(func() { future.Cancel(root) }) // rule 5
				}
			}()
			_, ready, _ := root.Poll(futuretest.NewCounter().Waker())
			over = over || ready
		}
		unmet := func() (ls []*resourceLeaf) {
			for _, l := range g.leaves {
				if l.fate != "met" && l.fate != "never" {
					ls = append(ls, l)
				}
			}
			return ls
		}
		for range 40 {
			switch rapid.SampledFrom([]string{"poll", "meet", "meet", "cancel"}).Draw(t, "do") {
			case "poll":
				if !over {
					poll()
				}
			case "meet":
				if ls := unmet(); len(ls) > 0 {
					g.meet(rapid.SampledFrom(ls).Draw(t, "leaf"))
				}
			case "cancel":
				if !over && rapid.IntRange(0, 9).Draw(t, "really") == 0 {
					over = true
					survive(func() { future.Cancel(root) })
					if rapid.Bool().Draw(t, "poll after") {
						survive(func() { root.Poll(nil) })
					}
				}
			}
		}
		if !over {
			survive(func() { future.Cancel(root) })
		}
		for _, l := range unmet() {
			g.meet(l)
		}
		for _, r := range g.opened {
			if r.taken+r.released != 1 {
				t.Fatalf("value %d of %d was taken %d times and released %d times, want one of them once", r.id, len(g.opened), r.taken, r.released)
			}
		}
	})
}

// survive calls fn and ends its panic.
func survive(fn func()) {
	defer func() { _ = recover() }()
	fn()
}
