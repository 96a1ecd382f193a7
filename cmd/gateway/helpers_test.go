package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testShell returns a shell with empty input and these variables in its environment.
func testShell(stdout, stderr io.Writer, env map[string]string) *shell {
	return &shell{stdin: strings.NewReader(""), stdout: stdout, stderr: stderr, getenv: func(key string) string { return env[key] }}
}

func writeFile(name, text string) error { return os.WriteFile(name, []byte(text), 0o600) }

func expand(text string, getenv func(string) string) string {
	return os.Expand(text, func(name string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return "$" + name
	})
}

// repository is the folder of go.mod.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}
