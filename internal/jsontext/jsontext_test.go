package jsontext

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// An empty value is left out, any other is escaped.
func TestAppendField(t *testing.T) {
	b := AppendField([]byte(`{"a":1`), `,"b":`, "")
	if got, want := string(AppendField(b, `,"c":`, "a\"b\\\t\x7fé\xff")), `{"a":1,"c":"a\"b\\\u0009\u007fé`+"\uFFFD"+`"`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Any text comes back from its encoding.
func FuzzString(f *testing.F) {
	for _, text := range []string{"", "on", "\x00\xff", `"\`, "\u2028</script>", "\x7f\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var back string
		encoded := AppendString(nil, text)
		if err := json.Unmarshal(encoded, &back); err != nil || back != string([]rune(text)) || !utf8.Valid(encoded) {
			t.Fatalf("%q is %s, and comes back as %q: %v", text, encoded, back, err)
		}
	})
}
