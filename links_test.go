package await_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// pages are the Markdown files of the repository.
func pages(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md", "bench/*.md", ".github/*.md"} {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, matches...)
	}
	return files
}

var (
	codeBlock = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan  = regexp.MustCompile("`[^`\n]*`")
	pageLink  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// Every link within the repository leads to a file that is there, and to a
// heading of it if it has a fragment.
func TestLinks(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		text := prose(t, page)
		for _, m := range pageLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(text, ""), -1) {
			link := m[1]
			if strings.Contains(link, "://") {
				continue
			}
			links++
			path, fragment, _ := strings.Cut(link, "#")
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s: %v", page, link, err)
				continue
			}
			if fragment != "" && !anchors(t, target)[fragment] {
				t.Errorf("%s: %s: there is no such heading", page, link)
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links were found", links)
	}
}

// Every page in docs can be reached from the README or from another page.
func TestNoPageIsLost(t *testing.T) {
	linked := map[string]bool{}
	for _, page := range pages(t) {
		for _, m := range pageLink.FindAllStringSubmatch(prose(t, page), -1) {
			path, _, _ := strings.Cut(m[1], "#")
			linked[filepath.Join(filepath.Dir(page), filepath.FromSlash(path))] = true
		}
	}
	for _, page := range pages(t) {
		if filepath.Dir(page) == "docs" && !linked[page] {
			t.Errorf("no link leads to %s", page)
		}
	}
}

// prose returns the text of a page without its code blocks.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return codeBlock.ReplaceAllString(strings.ReplaceAll(string(text), "\r\n", "\n"), "")
}

// anchors returns the fragments of a page's headings, as GitHub makes them.
func anchors(t *testing.T, page string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(prose(t, page), -1) {
		var b strings.Builder
		for _, r := range strings.ToLower(m[1]) {
			switch {
			case r == ' ':
				b.WriteByte('-')
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				b.WriteRune(r)
			}
		}
		found[b.String()] = true
	}
	return found
}
