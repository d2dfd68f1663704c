// Package gid tells goroutines apart.
//
// A task must know whether the goroutine that calls it is its own. Go gives no
// goroutine identity on purpose, so this package gives as little as does the
// job: a number that two live goroutines never share. It is good for an equality
// test and nothing else. Numbers of ended goroutines are used again, so whoever
// keeps one must also know that its goroutine is still alive.
//
// A coroutine made by iter.Pull is a goroutine of its own and keeps its number
// whichever goroutine resumes it.
//
// On amd64 and arm64 the number is the address of the runtime's descriptor of
// the goroutine, read in one instruction. Elsewhere, and with the build tag
// purego, it is the id that runtime.Stack prints, which costs about a
// microsecond.
package gid

// ID identifies a live goroutine. The zero ID is no goroutine.
type ID uintptr
