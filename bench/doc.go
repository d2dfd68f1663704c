// Package bench runs the same work on await and on what one would use instead,
// in one process, and writes down how they compare.
//
//	make compare    runs everything and rewrites RESULTS.md and the charts
//	make short      runs every benchmark once, as a check
//
// A job is a benchmark, and its sub-benchmarks are its contestants: impl=await,
// impl=chan and so on. A peer that cannot do a job is left out of it, which
// RESULTS.md shows as a dash. Rows named impl=floor… are no contestants: they
// are what the runtime itself charges for the parts that a job cannot do
// without.
//
// Each contestant of a job gets the same input and must produce the same
// result, which is checked.
package bench
