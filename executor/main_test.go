package executor_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-await/await/executor"
	"github.com/go-await/await/future"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	_ future.Future[int]  = (*executor.Handle[int])(nil)
	_ future.Canceler     = (*executor.Handle[int])(nil)
	_ future.Dropper[int] = (*executor.Handle[int])(nil)
)
