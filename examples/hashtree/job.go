package main

import (
	"context"

	"github.com/panjf2000/ants/v2"

	"github.com/go-await/await/executor"
)

// A job is what the parts of a run share.
type job struct {
	ctx   context.Context // ends with an interrupt
	pool  *ants.Pool      // runs what blocks
	tasks *executor.Executor
	algo  algorithm
	con   *console
	stats stats
}
