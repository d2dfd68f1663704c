//go:build amd64 && !interleave && !delay && !race

package atomics_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Of the methods below the compiler makes the same instructions whether oneshot
// and its core are as they are, or use sync/atomic directly and have no marks. Of
// the other functions it makes as many: it may number the slots of a dictionary
// otherwise, or exchange two loads.
func TestSeamCostsNothing(t *testing.T) {
	seam := compile(t, "{}")
	direct := compile(t, withoutSeam(t))
	for of, methods := range map[string]string{
		"oneshot.(*Sender":        "Send SendResult Fail Close IsOver IsClosed",
		"oneshot.(*Receiver":      "TryRecv Recv RecvTimeout RecvContext Poll Close Cancel HasMessage IsClosed",
		"internal/core.(*Channel": "Send SendResult Disconnect IsOver IsGone TryRecv Recv RecvTimeout RecvContext Poll Close Cancel HasMessage IsClosed",
	} {
		for method := range strings.FieldsSeq(methods) {
			name := of + "[go.shape.int])." + method
			if len(seam[name]) == 0 || !slices.Equal(seam[name], direct[name]) {
				t.Errorf("%s with the seam:\n%s\nwithout:\n%s", name,
					strings.Join(seam[name], "\n"), strings.Join(direct[name], "\n"))
			}
		}
	}
	for name, code := range seam {
		if len(code) != len(direct[name]) {
			t.Errorf("%s has %d instructions with the seam and %d without", name, len(code), len(direct[name]))
		}
	}
	t.Logf("%d functions; Send has %d instructions", len(seam), len(seam["internal/core.(*Channel[go.shape.int]).Send"]))
}

var (
	mark = regexp.MustCompile(`(?m)^\s*atomics\.(Read|Write)\(.*\)$`)
	word = regexp.MustCompile(`\batomics\.(Pointer|Uint32|Uint64|Int64)\b`)
)

// withoutSeam returns an overlay in which the files of oneshot's core use
// sync/atomic. Those of oneshot itself have nothing to do with the seam.
func withoutSeam(t *testing.T) string {
	files, err := filepath.Glob("../core/*.go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	changed := 0
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(source)
		if strings.HasSuffix(name, "_test.go") || !strings.Contains(text, "atomics.") {
			continue
		}
		changed += len(mark.FindAllString(text, -1)) + len(word.FindAllString(text, -1))
		text = mark.ReplaceAllString(text, "")
		text = word.ReplaceAllString(text, "atomic.$1")
		text = strings.Replace(text, "import (", "import (\n\"sync/atomic\"", 1)
		text += "\nvar _ atomic.Int32\nvar _ atomics.Uint32\n"
		if strings.Contains(text, "\t\"unsafe\"\n") {
			text += "var _ unsafe.Pointer\n"
		}
		abs, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		direct := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(direct, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[abs] = direct
	}
	if changed < 10 {
		t.Fatalf("only %d uses of the seam were found", changed)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	return string(overlay)
}

var (
	function    = regexp.MustCompile(`(?m)^github.com/go-await/await/((?:oneshot|internal/core)\.\S+) STEXT`)
	temporary   = regexp.MustCompile(`\S*autotmp_\d+`) // the numbers are the compiler's
	instruction = regexp.MustCompile(`(?m)^\t0x[0-9a-f]+ [0-9]+ \([^)]*\)\t(.*)$`)
)

// compile returns the instructions of each function of oneshot and its core for int.
func compile(t *testing.T, overlay string) map[string][]string {
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, []byte(overlay), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "build", "-gcflags=-S", "-overlay", file, "./testdata/send").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	functions := map[string][]string{}
	text := string(out)
	starts := function.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		if next := strings.Index(text[at[1]:end], " STEXT "); next >= 0 {
			end = at[1] + next // a function of another package
		}
		var code []string
		for _, line := range instruction.FindAllStringSubmatch(text[at[1]:end], -1) {
			op, _, _ := strings.Cut(line[1], "\t")
			if line[1] == "XCHGL\tAX, AX" {
				op = "NOP" // of a byte, which tells a traceback where an empty function was inlined
			}
			switch op {
			case "TEXT", "FUNCDATA", "PCDATA", "NOP":
				// No instructions, or none that does anything.
			default:
				code = append(code, temporary.ReplaceAllString(line[1], "autotmp"))
			}
		}
		functions[text[at[2]:at[3]]] = code
	}
	return functions
}
