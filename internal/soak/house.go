package main

import (
	"errors"
	"time"

	"github.com/panjf2000/ants/v2"

	antsx "github.com/go-await/await/adapters/ants"
	"github.com/go-await/await/executor"
)

// A house has what operations of several kinds share and what lives as long as the run.
type house struct {
	tasks    *executor.Executor
	pool     *ants.Pool
	poolFunc *antsx.PoolWithFunc[uint64, uint64]
	onPool   *executor.Executor // on pool
}

// poolSize is smaller than the number of calls in a batch, so that calls are queued.
const poolSize = 4

func newHouse() *house {
	h := &house{tasks: executor.New(executor.WithName("soak"))}
	var err error
	if h.pool, err = ants.NewPool(poolSize); err != nil {
		panic(err) // the arguments are ours
	}
	if h.poolFunc, err = antsx.NewPoolWithFunc(poolSize, func(v uint64) (uint64, error) { return v, nil }); err != nil {
		panic(err)
	}
	h.onPool = antsx.NewExecutor(h.pool, executor.WithName("soak on a pool"))
	return h
}

// close ends all that lives in the house.
func (h *house) close() error {
	const patience = 10 * time.Second
	return errors.Join(
		h.onPool.Close(),
		h.tasks.Close(),
		h.poolFunc.ReleaseTimeout(patience),
		h.pool.ReleaseTimeout(patience),
	)
}
