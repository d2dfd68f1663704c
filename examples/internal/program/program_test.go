package program_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/go-await/await/examples/internal/program"
)

func TestMain(m *testing.M) { program.Main(m, pretend) }

// pretend is the program: it fails if it is told to.
func pretend() {
	fmt.Println(os.Args[1])
	if os.Args[1] == "fail" {
		fmt.Fprintln(os.Stderr, "no")
		os.Exit(3)
	}
}

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		arg            string
		stdout, stderr string
		status         int
	}{
		{"work", "work\n", "", 0},
		{"fail", "fail\n", "no\n", 3},
	} {
		stdout, stderr, status := program.Run(t, program.Command(t, tt.arg))
		if stdout != tt.stdout || stderr != tt.stderr || status != tt.status {
			t.Errorf("%s: %q, %q, %d", tt.arg, stdout, stderr, status)
		}
	}
}
