package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// binary returns the path of the binary, which is built once for all tests.
func binary(t *testing.T) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var builtIn string // the folder, once it is built

var built = sync.OnceValues(func() (path string, err error) {
	if builtIn, err = os.MkdirTemp("", "gateway-binary-"); err != nil {
		return "", err
	}
	path = filepath.Join(builtIn, "gateway")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return path, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// tidy removes the program after the last test.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	code := m.M.Run()
	if builtIn != "" {
		_ = os.RemoveAll(builtIn)
	}
	removeStages()
	return code
}

// removeStages deletes what killed gateways left in memory. Their folders are gone.
func removeStages() {
	owners, _ := filepath.Glob("/dev/shm/arduino-gateway-*/folder")
	for _, owner := range owners {
		path, err := os.ReadFile(owner)
		if folder := strings.TrimSpace(string(path)); err == nil && strings.HasPrefix(folder, os.TempDir()) {
			if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
				_ = os.RemoveAll(filepath.Dir(owner))
			}
		}
	}
}
