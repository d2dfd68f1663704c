package future

import "github.com/go-await/await/internal/atomics"

// A gather is all of its children: a group of those that have to be polled when
// they wake, and settlers, which only are counted.
//
// A pass polls the settlers that have not finished, in the order of the
// arguments. The first one is due at once, another one when all have settled,
// when one has failed, and when one wakes otherwise.
type gather[T any] struct {
	group    group[T]
	settlers []Future[T] // by the index of the argument; nil if it is another's
	at       int         // how far the pass is
	running  int         // settlers that have not finished
	early    int64       // settlers that were ready in the first pass
	begun    bool        // the first pass is over
	joint    joint
}

// A joint is the waker of all settlers of a gather, and counts them.
//
// Invariants: unsettled is how many of them have not woken it, and one more until
// the end of the first pass. When it is zero or less, a pass is due; less is what
// comes of a settler that wakes more than once, and then every wake makes a pass
// due, so that none is lost. What makes a pass due wakes the consumer after
// that, and a Poll leaves its waker before it looks.
type joint struct {
	waker     Waker
	unsettled atomics.Int64
	due       atomics.Uint32 // 1: a pass is due, whatever unsettled is
	failures  bool           // make a pass due
	consumer  *atomics.Pointer[Waker]
	whole     any
	each      func(is func(f any)) // calls is with the settlers that have not finished
}

// OnSettle counts a settler that has ended.
func (j *joint) OnSettle(failed bool) {
	// What the settler did before synchronizes with the pass that this makes
	// due, now or in the end.
	due := j.unsettled.Add(-1) <= 0
	if failed && j.failures && !due {
		j.due.Store(1)
		due = true
	}
	if due {
		j.consumer.Load().Wake() // that of the latest Poll
	}
}

// OnWake is for a settler that wakes otherwise than it said.
func (j *joint) OnWake() {
	j.unsettled.Add(-1) // as in OnSettle
	j.due.Store(1)
	j.consumer.Load().Wake()
}

// init is called on a zero gather. whole is the combinator. name is whose arguments fs are. failures says
// whether a failed settler is looked at before the others have settled.
func (g *gather[T]) init(whole any, name string, fs []Future[T], failures bool) {
	g.group.whole = whole
	for i, f := range fs {
		if settles(f) {
			if g.settlers == nil {
				g.settlers = make([]Future[T], len(fs))
			}
			g.settlers[i] = f
			g.running++
		}
	}
	if g.running < len(fs) {
		g.group.init(whole, name, fs, g.settlers)
	}
	if g.running > 0 {
		g.joint.waker.Init(&g.joint)
		g.joint.unsettled.Store(int64(g.running) + 1) // no other goroutine has seen it
		g.joint.failures = failures
		g.joint.consumer = &g.group.waker
		g.joint.whole, g.joint.each = whole, g.eachSettler
	}
}

// left returns how many futures have not finished.
func (g *gather[T]) left() int { return g.running + g.group.running }

func (g *gather[T]) eachSettler(is func(f any)) {
	for _, f := range g.settlers {
		if f != nil {
			is(f)
		}
	}
}

// begin begins a Poll with w, or reports that another consumer waits.
func (g *gather[T]) begin(w *Waker) (busy bool) {
	if g.group.begin(w) {
		return true
	}
	if !g.begun || g.running == 0 {
		return false
	}
	// After the waker was stored. What makes a pass due later finds it.
	if g.joint.unsettled.Load() <= 0 || g.joint.due.Load() == 1 {
		g.joint.due.Store(0) // what comes now is for the next Poll
		g.at = 0
	}
	return false
}

// next is the next of a [group]. src is nil if it is a settler, which is no owner.
func (g *gather[T]) next() (index int, v T, src Future[T], err error) {
	returned := false
	defer func() {
		if !returned {
			g.cancel() // rule 5
		}
	}()
	for {
		for g.at < len(g.settlers) {
			i := g.at
			g.at++
			if g.settlers[i] == nil {
				continue
			}
			v, ready, err := g.pollSettler(g.settlers[i])
			if !ready {
				continue
			}
			g.settlers[i] = nil
			g.running--
			if !g.begun {
				g.early++
			}
			returned = true
			return i, v, nil, err
		}
		if g.begun || g.running == 0 {
			break
		}
		// The end of the first pass: those that were ready settle no more. If
		// all others have settled during it, no consumer was woken.
		g.begun = true
		if g.joint.unsettled.Add(-1-g.early) <= 0 {
			g.at = 0
		}
	}
	index, v, src, err = g.group.next()
	returned = true
	return index, v, src, err
}

// pollSettler polls with the waker that all have. One that holds it in the first
// pass is there twice.
func (g *gather[T]) pollSettler(f Future[T]) (v T, ready bool, err error) {
	if !g.begun && f.(Settler).Holds(&g.joint.waker) {
		return v, true, ErrBusy
	}
	return f.Poll(&g.joint.waker)
}

// cancel cancels what is running, the settlers first, and lets all go.
func (g *gather[T]) cancel() {
	g.group.end()
	defer g.group.cancel()
	g.cancelSettlers()
}

func (g *gather[T]) cancelSettlers() {
	returned := false
	defer func() {
		if !returned {
			g.cancelSettlers() // a Cancel panicked: the rest all the same
		}
	}()
	for i := 0; g.running > 0; i++ {
		if f := g.settlers[i]; f != nil {
			g.settlers[i] = nil
			g.running--
			Cancel(f)
		}
	}
	g.settlers = nil
	returned = true
}
