// Package protocoltest reads the dialogues that bind the gateway's grammar, the
// boards of the simulator and the library for real ones.
package protocoltest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Vector is one line of the file, whose head says what each word means. Text has
// its escapes replaced where bytes of the wire may stand.
type Vector struct {
	Place      string // for an error
	Word, Text string
}

// path is as seen from a package two folders below the root.
const path = "../../firmware/arduino/extras/test/vectors.txt"

// Vectors gives every line but comments.
func Vectors(t testing.TB) []Vector {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []Vector
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		word, text, _ := strings.Cut(line, " ")
		if word == "to" || word == "raw" || word == "from" || word == "means" {
			text = unescape(t, text)
		}
		all = append(all, Vector{fmt.Sprintf("%s:%d", path, i+1), word, text})
	}
	return all
}

func unescape(t testing.TB, text string) string {
	t.Helper()
	plain, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return plain
}
