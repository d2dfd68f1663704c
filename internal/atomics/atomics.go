// Package atomics is the seam between this module's concurrent code and the
// machine it runs on: every atomic operation, lock and blocking wait whose
// interleaving matters goes through it, and so does every access to a plain
// field that such operations guard, and whatever begins or calls back later. So does
// the question which goroutine is calling.
//
// In an ordinary build each type is an alias of the standard library's, the two
// marks are empty functions, and Go and the two callbacks are inlined calls: the
// compiler sees sync/atomic and nothing else. Two build tags put something else in
// their place, for tests:
//
//   - interleave makes them the types of the model checker, package interleave.
//     Within a model each operation is a step whose order the checker decides;
//     elsewhere they behave as usual. go test -tags interleave -run Model ./...
//     runs the models.
//   - delay makes each operation yield now and then, and sometimes hesitate for
//     some microseconds, before it does what it always does, so that stress
//     tests meet orders that are otherwise rare. It is meant for go test -race
//     -tags delay ./...
//
// Under the tags the types are larger and allocate: budgets for those do not
// hold.
package atomics
