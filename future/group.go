package future

// A group is a fixed number of children, polled only when they were woken.
type group[T any] struct {
	queue[T]
	children []child[T]
	running  int
}

// init is called on a zero group. It allocates the children in one piece.
func (g *group[T]) init(fs []Future[T]) {
	g.children = make([]child[T], len(fs))
	g.running = len(fs)
	for i, f := range fs {
		c := &g.children[i]
		c.init(&g.queue, f, i)
		g.enqueue(c)
	}
}

// next polls the children in line until one finishes, and returns its index and
// result, or -1 when the line is at its end. If a child panics, all are
// cancelled and the panic goes on.
func (g *group[T]) next() (index int, v T, err error) {
	polled := false
	defer func() {
		if !polled {
			g.cancel() // rule 5
		}
	}()
	for c := g.pop(); c != nil; c = g.pop() {
		if c.src == nil {
			continue
		}
		v, ready, err := c.poll()
		if ready {
			g.running--
			polled = true
			return int(c.index), v, err
		}
	}
	polled = true
	return -1, v, nil
}

// cancel cancels what is running, in the order of the arguments.
func (g *group[T]) cancel() {
	over := false
	defer func() {
		if !over {
			g.cancel() // a Cancel panicked: the rest all the same
		}
	}()
	g.end()
	for i := range g.children {
		if g.running == 0 {
			break
		}
		if c := &g.children[i]; c.src != nil {
			g.running--
			c.cancel()
		}
	}
	g.children = nil
	over = true
}
