// Package programtest helps tests that run other programs: it finds a server's
// program and a port for it, and has a program hold a file.
//
// It never skips: a machine without a program fails the test, with a hint.
package programtest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Find gives the path of a program. Debian keeps servers in /usr/sbin, which is
// not on every user's PATH.
func Find(tb testing.TB, name string) string {
	tb.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path := filepath.Join("/usr/sbin", name)
	if _, err := os.Stat(path); err != nil {
		tb.Fatalf("%s is not installed (hint: run make test, which installs what the tests need)", name)
	}
	return path
}

// FreePort gives a port of 127.0.0.1 on which nobody listens. It is below those
// that systems give to outgoing connections, so that a server which was stopped
// still finds it free.
func FreePort(tb testing.TB) int {
	tb.Helper()
	for range 100 {
		port := 10000 + rand.IntN(22000)
		if l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	tb.Fatal("no port is free")
	return 0
}
