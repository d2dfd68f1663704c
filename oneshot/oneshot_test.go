package oneshot_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/go-await/await/future"
	"github.com/go-await/await/oneshot"
)

var (
	_ future.Future[int] = (*oneshot.Receiver[int])(nil)
	_ future.Canceler    = (*oneshot.Receiver[int])(nil)
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
