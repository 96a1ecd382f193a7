package strictyaml

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// Each of these files would take minutes, or all memory, if aliases were
// followed, or if it were searched once for each of its parts.
func TestOpen_HostileFilesAreCheap(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 10))
	}
	const size = MaxSize / 16
	fill := func(text string) string { return strings.Repeat(text, size/len(text)) }
	numbered := &strings.Builder{}
	for i := 0; numbered.Len() < size; i++ {
		fmt.Fprintf(numbered, "k%d: 1\n", i)
	}
	for name, text := range map[string]string{
		"aliases":   bomb + "names: *z\n",
		"cycle":     "names: &n [*n]\n",
		"lists":     "names: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"too deep":  "names: " + strings.Repeat("[", 500_000),
		"mappings":  "inner: " + strings.Repeat("{a: ", 9000) + strings.Repeat("}", 9000),
		"indents":   fill("- "),
		"items":     "names: [" + fill("a,") + "]",
		"wrong":     "names: [" + fill("[],") + "]",
		"unknown":   numbered.String(),
		"same":      fill("port: 1\n"),
		"long key":  fill("x") + ": 1\n",
		"long word": "mode: " + fill("x"),
		"comments":  fill("#\n"),
		"unclosed":  "port: \"" + fill("x\n"),
		"bad end":   fill("port: 1\n") + "\tx",
		"bad flow":  "names: [" + fill("a,\n") + "{]",
	} {
		start := time.Now()
		_, d := read(text)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: %d bytes took %v", name, len(text), took)
		}
		for _, p := range d.Problems() {
			if len(p.String()) > 1000 {
				t.Fatalf("%s: a problem of %d bytes", name, len(p.String()))
			}
		}
	}
}

// Every problem has a place in the file and is one line.
func FuzzOpen(f *testing.F) {
	for _, text := range []string{"port: a\nboxes: {a: {prot: 1}}\n", "a: &a [*a]\n<<: *a", "---\n---\n", "names: [a, {b: c}]",
		"\xef\xbb\xbfport: \xc2\x85", "? [a]\n: !x b", "port: |\n  a\n  b\n", "a: 'b", "\tx", "a: \u2028b: c", "\xff\xfep\x00:\x00 \x00x\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, d := read(text)
		lines := 1
		for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} { // YAML knows them all
			lines += strings.Count(text, end)
		}
		if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
			lines += len(text) // UTF-16
		}
		for _, p := range d.Problems() {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Column > len(text)+1 || p.What == "" {
				t.Errorf("%q: %#v", text, p)
			}
			if strings.ContainsFunc(p.String(), func(r rune) bool { return r < ' ' }) {
				t.Errorf("%q: %q is more than a line", text, p)
			}
		}
		if !slices.IsSortedFunc(d.Problems(), func(a, b Problem) int { return max(-1, min(1, (a.Line-b.Line)*1_000_000+a.Column-b.Column)) }) {
			t.Errorf("%q: not sorted: %v", text, d.Problems())
		}
	})
}

// Lines are counted, not reads.
func TestLineReader_CountsLines(t *testing.T) {
	r := &lineReader{rest: []byte("a: " + strings.Repeat("x", 100) + "\n\nb: 1")}
	text, err := io.ReadAll(iotest.OneByteReader(r))
	if err != nil || len(text) != 109 || r.lines != 3 {
		t.Errorf("%d bytes, %d lines, %v", len(text), r.lines, err)
	}
}
