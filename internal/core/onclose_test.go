package core

import "testing"

// A channel whose OnClose is stopped again and again has as many nodes as there
// were functions at once.
func TestOnCloseUsesFreeNodes(t *testing.T) {
	c := new(Channel[int])
	first := c.OnClose(func() {})
	for range 100 {
		c.OnClose(func() {}).Stop()
	}
	first.Stop()
	c.OnClose(func() {})
	n := 0
	for w := c.claim.Load().watchers.Load(); w != nil; w = w.next {
		n++
	}
	if n != 2 {
		t.Errorf("%d nodes, want 2", n)
	}
}
