package main

// A job is a benchmark of package bench, or one size of it.
type job struct {
	bench string   // the benchmark's name without "Benchmark"
	title string   // for the report
	sizes []string // the names of its sub-benchmarks above impl=, if it has any
	unit  string   // what is compared
	once  int      // run exactly this often per round, if positive
	group string   // which chart it is in; "" for none
	more  bool     // more of the compared unit is better
}

// jobs are in the order of the report.
var jobs = []job{
	{bench: "CreateFulfilTake", title: "create, fulfil, take: one goroutine", unit: "sec/op", group: "message"},
	{bench: "RequestReply", title: "request and reply across goroutines", unit: "sec/op", group: "message"},
	{bench: "TimeoutNotFiring", title: "the same with a timeout that does not fire", unit: "sec/op", group: "message"},
	{bench: "GoAndWait", title: "start a function and wait for its result", unit: "sec/op", group: "fan"},
	{bench: "FanOutFanIn", title: "fan out to n, fan in", sizes: []string{"n=10", "n=100", "n=10000"}, unit: "sec/op", group: "fan"},
	{bench: "Chain", title: "a chain of 10 functions behind a result", unit: "sec/op", group: "fan"},
	{bench: "FirstOfTen", title: "the first of 10, the rest cancelled", unit: "sec/op", group: "fan"},
	{bench: "SubmitAndWait", title: "one function through a pool of 100", unit: "sec/op", group: "pool"},
	{bench: "Pool100000", title: "100,000 functions through a pool of 100", unit: "sec/op", group: "pool"},
	{bench: "Nested", title: "waits nested 3 deep on a pool of 1", unit: "completes", once: 1, more: true},
	{bench: "TaskSwitch", title: "switch to another task and back", unit: "sec/op", group: "task"},
	{bench: "PingPong", title: "ping-pong between two tasks, a fresh channel each way", unit: "sec/op", group: "task"},
	{bench: "Spawn10000", title: "start 10,000 tasks and wait for them", unit: "sec/op", group: "task"},
	{bench: "Pending", title: "n pending waits: bytes each", sizes: []string{"n=100000", "n=1000000"}, unit: "B/wait", once: 1, group: "pending"},
	{bench: "WakeLatency", title: "how soon a wake from outside arrives", sizes: []string{"machine=idle", "machine=load"}, unit: "p50-sec", once: 500},
	{bench: "Floor", title: "what the runtime charges for the parts", unit: "sec/op"},
}
