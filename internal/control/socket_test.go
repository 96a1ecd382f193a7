package control

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"arduino-gateway/internal/monitor"
)

// leaveStale makes a socket without a listener, as a killed gateway leaves it.
func leaveStale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
}

// TestSocket_PrivateAndReplacedOnlyIfStale opens a socket over a stale one, a used one
// and a plain file.
func TestSocket_PrivateAndReplacedOnlyIfStale(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	leaveStale(t, path)
	s := &Server{Hub: monitor.NewHub(), Path: path, Gateway: &devices{known: []string{"a"}}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	eventually(t, func() bool {
		return Watch(t.Context(), path, "none", nil).Error() == `no device "none" (hint: known: a)`
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	second := &Server{Hub: monitor.NewHub(), Path: path}
	if err := second.Run(t.Context()); !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "another gateway") {
		t.Errorf("a second server: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := second.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "the file is not a socket") {
		t.Errorf("on a plain file: %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("the plain file was touched")
	}
	second.Path = filepath.Join(path, "below", "a-file")
	if second.Run(t.Context()) == nil {
		t.Error("listened below a plain file")
	}
}

// TestPath_FitsASocket expects short and different paths for long folders.
func TestPath_FitsASocket(t *testing.T) {
	if got, err := Path("/var/lib/gateway"); err != nil || got != "/var/lib/gateway/control.sock" {
		t.Errorf("got %q, %v", got, err)
	}
	long := "/" + strings.Repeat("x", 200)
	t.Setenv("TMPDIR", "/tmp")
	short, err := Path(long)
	if again, _ := Path(long + "/"); err != nil || len(short) > maxPath || filepath.Dir(short) != "/tmp" || again != short {
		t.Errorf("a long path gives %q, %v, and then %q", short, err, again)
	}
	if other, _ := Path(long + "y"); other == short {
		t.Error("two folders have one socket")
	}
	t.Setenv("TMPDIR", long)
	if _, err := Path(long); err == nil || !strings.Contains(err.Error(), "choose a shorter spool.dir") {
		t.Errorf("nowhere short: %v", err)
	}
}
