// Package protocoltest reads the dialogues of docs/protocol.md for tests. The gateway's
// grammar, the simulator's boards and the Arduino library all pass the same file. It
// knows the form of that file, and never what a line of it means.
package protocoltest

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Vector is one line of the file. The head of the file explains each word. If Text may
// hold bytes of the wire, its escapes are replaced.
type Vector struct {
	Place      string // file and line, for an error
	Word, Text string
}

// path leads to the file from a package two folders below the root.
const path = "../../firmware/arduino/extras/test/vectors.txt"

// Vectors returns every line except comments and empty lines.
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
