package await_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The workflow on GitHub runs every step of .ci/run, and no others.
func TestWorkflow(t *testing.T) {
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	steps := regexp.MustCompile(`(?m)^steps="(.*)"`).FindStringSubmatch(read(".ci/run"))
	if steps == nil {
		t.Fatal(".ci/run has no steps")
	}
	list := regexp.MustCompile(`(?s) steps:\r?\n( +- [a-z0-9 ]+\r?\n)+`).FindString(read(".github/workflows/ci.yml"))
	var got []string
	for _, word := range strings.Fields(list)[min(1, len(list)):] {
		if word != "-" {
			got = append(got, word)
		}
	}
	if want := strings.Fields(steps[1]); !slices.Equal(got, want) {
		t.Errorf("the workflow runs %q, want %q", got, want)
	}
}
