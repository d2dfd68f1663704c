// Package convert tries to make one end of a oneshot the other. Each line that
// says so must be refused by the compiler.
package convert

import "github.com/go-await/await/oneshot"

type pair struct {
	tx *oneshot.Sender[int]
	rx *oneshot.Receiver[int]
}

func forge(p pair) {
	_ = (*oneshot.Sender[int])(p.tx)
	_ = (*oneshot.Sender[int])(p.rx)   // refused
	_ = (*oneshot.Receiver[int])(p.tx) // refused
	_ = oneshot.Sender[int](*p.rx)     // refused
	_ = oneshot.Receiver[int](*p.tx)   // refused
	_ = (*oneshot.Sender[int8])(p.tx)  // refused
}

func generic[E *oneshot.Sender[int] | *oneshot.Receiver[int]](p pair) {
	_ = E(p.rx) // refused
}
