package main

import "strings"

// A line of a list: a digest in hexadecimal and the path of the file it is of.
//
//	HEX "  " PATH "\n"
//	"\" HEX "  " ESCAPED "\n"    if the path holds \, newline or carriage return
//
// In the second form these three stand as \\, \n and \r. All other bytes stand for
// themselves, whether they are UTF-8 or not.
type line struct {
	sum, path string
}

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// appendTo appends the line to b.
func (l line) appendTo(b []byte) []byte {
	path := l.path
	if strings.ContainsAny(path, "\\\n\r") {
		b = append(b, '\\')
		path = escaper.Replace(path)
	}
	b = append(b, l.sum...)
	b = append(b, "  "...)
	b = append(b, path...)
	return append(b, '\n')
}

// parseLine reads a line without its newline, and reports whether it is one with
// a digest of size bytes. As sha256sum does it accepts blanks in front, digits of
// either case and a star, for "binary", in place of the second blank.
func parseLine(s string, size int) (l line, ok bool) {
	s = strings.TrimLeft(s, " \t")
	s, escaped := strings.CutPrefix(s, `\`)
	digits := 2 * size
	if len(s) < digits+3 || !isHex(s[:digits]) || !isBlank(s[digits]) || s[digits+1] != ' ' && s[digits+1] != '*' {
		return line{}, false
	}
	l = line{sum: strings.ToLower(s[:digits]), path: s[digits+2:]}
	if escaped {
		l.path, ok = unescape(l.path)
		return l, ok
	}
	return l, true
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdefABCDEF") == ""
}

// unescape undoes escaper, and reports whether escaper could have made s.
func unescape(s string) (string, bool) {
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(s, `\`)
		b.WriteString(plain)
		if !found {
			return b.String(), true
		}
		if rest == "" {
			return "", false
		}
		switch rest[0] {
		case '\\':
			b.WriteByte('\\')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		default:
			return "", false
		}
		s = rest[1:]
	}
}
