package future

import "fmt"

// A group is a fixed number of children, all polled at the first Poll and after
// that only when they were woken.
type group[T any] struct {
	queue[T]
	children []child[T]
	polled   int // how many children have had their first poll
	running  int // how many have not finished
}

// init is called on a zero group, for those of fs that are nil in not, if there
// is one. It allocates the children in one piece. name is whose arguments fs are.
func (g *group[T]) init(whole any, name string, fs, not []Future[T]) {
	g.whole = whole
	for i := range fs {
		if not == nil || not[i] == nil {
			g.running++
		}
	}
	g.children = make([]child[T], g.running)
	at := 0
	for i, f := range fs {
		if not == nil || not[i] == nil {
			if f == nil {
				f = Failed[T](nilError(fmt.Sprintf("future: %s: future %d of %d is nil", name, i+1, len(fs))))
			}
			g.children[at].init(&g.queue, f, i)
			at++
		}
	}
}

// next polls children until one finishes, and returns its index, result and
// future, or -1 when there is none left to poll. A begin comes before. If a child
// panics, all are canceled and the panic goes on.
func (g *group[T]) next() (index int, v T, src Future[T], err error) {
	returned := false
	defer func() {
		if !returned {
			g.cancel() // rule 5
		}
	}()
	for {
		var c *child[T]
		if g.polled < len(g.children) {
			c = &g.children[g.polled]
			g.polled++
		} else if c = g.take(); c == nil {
			returned = true
			return -1, v, nil, nil
		}
		src := c.src
		v, ready, err := c.poll()
		if ready {
			g.running--
			returned = true
			return int(c.index), v, src, err
		}
	}
}

// win is the end of a race that src has won with v: the others are canceled.
func (g *group[T]) win(src Future[T], v T) {
	canceled := false
	defer func() {
		if !canceled {
			giveBack(src, v) // a Cancel panicked
		}
	}()
	g.cancel()
	canceled = true
	if owner := ifOwner(src); owner != nil {
		g.children = make([]child[T], 1)
		g.children[0].src = owner
	}
}

// owner is that of the value which has won.
func (g *group[T]) owner() func(T) {
	if g.running > 0 || len(g.children) != 1 {
		return nil
	}
	return ownerOf(g.children[0].src)
}

// OnDrop is that of a [Dropper]: the values of the losers go to drop.
func (g *group[T]) OnDrop(drop func(T)) {
	for i := range g.children {
		if c := &g.children[i]; c.src != nil {
			c.src = dropTo(c.src, drop)
		}
	}
}

// cancel cancels what is running, in the order of the arguments, and lets the
// children go.
func (g *group[T]) cancel() {
	returned := false
	defer func() {
		if !returned {
			g.cancel() // a Cancel panicked: the rest all the same
		}
	}()
	g.end()
	for i := 0; g.running > 0; i++ {
		if c := &g.children[i]; c.src != nil {
			g.running--
			c.cancel()
		}
	}
	g.children = nil
	returned = true
}
