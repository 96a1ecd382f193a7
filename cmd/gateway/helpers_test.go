package main

import (
	"os"
	"path/filepath"
	"testing"
)

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
