package plaintext

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"greenhouse\t23.5 °C\n":   "greenhouse\t23.5 °C\n",
		"온도 temperatúra تابع":     "온도 temperatúra تابع",
		"\x1b[2J\x1b]0;x\x07":     `\x1b[2J\x1b]0;x\x07`,
		"a\rb\x00\x7f":            `a\x0db\x00\x7f`,
		"\u009b31m":               `\u009b31m`,
		"\x9b31m":                 `\x9b31m`,
		"safe\u202egnp.exe\u2066": `safe\u202egnp.exe\u2066`,
		"\xff\ufffd":              "\\xff\ufffd",
	} {
		if got := Escape(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	if got, want := Line("ok\nfail\x1b"), `ok\x0afail\x1b`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("\x1b[31m\u009b\u202e\x9b")
	f.Fuzz(func(t *testing.T, text string) {
		got := Escape(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, acts) {
			t.Fatalf("%q became %q", text, got)
		}
		if Escape(got) != got {
			t.Fatalf("%q changes again", got)
		}
	})
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestWriter(t *testing.T) {
	var out bytes.Buffer
	w := Writer{&out}
	if n, err := w.Write([]byte("a\x1bb")); n != 3 || err != nil || out.String() != `a\x1bb` {
		t.Errorf("%d, %v, %q", n, err, out.String())
	}
	if Raw(w) != &out || Raw(&out) != &out {
		t.Error("Raw is something else")
	}
	if n, err := (Writer{closed{}}).Write([]byte("a")); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
}
