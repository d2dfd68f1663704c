// Package atomics is the seam between this module's concurrent code and the
// machine it runs on: every atomic operation, lock and blocking wait whose
// interleaving matters goes through it, and so does every access to a plain
// field that such operations guard.
//
// In an ordinary build each name is an alias of the standard library's and the
// two marks are empty functions: the compiler sees sync/atomic and nothing
// else.
package atomics
