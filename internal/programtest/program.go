// Package programtest helps tests that run other programs: it finds the program
// of a server and a free port for it, and makes a program hold a file open.
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

// Find returns the path of a program. Debian keeps servers in /usr/sbin, which
// is not on the PATH of every user.
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

// FreePort returns a port of 127.0.0.1 on which nothing listens. It is below the
// ports that systems use for outgoing connections, so that a server that was
// stopped still finds it free.
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
