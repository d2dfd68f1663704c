// Package await holds nothing but the tests that look at the whole from outside.
// The library is in the packages below it:
//
//   - future: the Future interface and its rules, Await, constructors and
//     combinators;
//   - future/futuretest: what tests of futures need;
//   - oneshot: a channel for one message whose two ends tell each other when they
//     go away;
//   - executor: tasks on a few workers, and a kit for executors of one's own;
//   - adapters/ants and adapters/errgroup: results of pool workers and of groups
//     as futures.
//
// Imports only point upwards in this list: future knows nothing of executors, and
// whatever ours does, one written elsewhere can do with public names.
package await
