package future

// A group is a fixed number of children, all polled at the first Poll and after
// that only when they were woken.
type group[T any] struct {
	queue[T]
	children []child[T]
	polled   int // how many children have had their first poll
	running  int // how many have not finished
}

// init is called on a zero group, for those of fs that are nil in not, if there
// is one. It allocates the children in one piece.
func (g *group[T]) init(fs, not []Future[T]) {
	for i := range fs {
		if not == nil || not[i] == nil {
			g.running++
		}
	}
	g.children = make([]child[T], g.running)
	at := 0
	for i, f := range fs {
		if not == nil || not[i] == nil {
			g.children[at].init(&g.queue, f, i)
			at++
		}
	}
}

// next polls children until one finishes, and returns its index and result, or
// -1 when there is none left to poll. A begin comes before. If a child panics,
// all are cancelled and the panic goes on.
func (g *group[T]) next() (index int, v T, err error) {
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
			return -1, v, nil
		}
		v, ready, err := c.poll()
		if ready {
			g.running--
			returned = true
			return int(c.index), v, err
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
