// Package counter is something to plant bugs in.
package counter

import "github.com/go-await/await/internal/atomics"

// A Counter counts.
type Counter struct{ n atomics.Uint32 }

// Add adds one.
func (c *Counter) Add() { c.n.Add(1) }
