package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"arduino-gateway/internal/stagedfs"
)

// maxPath is the longest path of a Unix socket on all systems, in bytes: sun_path
// has 108 on Linux and Windows and 104 on macOS, with a NUL at the end.
const maxPath = 103

// probeTime is how long an existing socket may take to answer.
const probeTime = time.Second

// Path returns where the gateway with this spool.dir listens: control.sock in the
// folder. If that path is too long for a Unix socket, it is a name derived from it in
// the system's temporary folder.
func Path(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("control socket in %q: %w", dir, err)
	}
	path := filepath.Join(abs, "control.sock")
	if len(path) <= maxPath {
		return path, nil
	}
	sum := sha256.Sum256([]byte(path))
	short := filepath.Join(os.TempDir(), "arduino-gateway-"+hex.EncodeToString(sum[:8])+".sock")
	if len(short) > maxPath {
		return "", fmt.Errorf("control socket %s: the path has %d bytes, more than a Unix socket's %d (hint: choose a shorter spool.dir)", path, len(path), maxPath)
	}
	return short, nil
}

// listen opens the socket for the gateway's user only. It replaces an existing file only
// if that is a socket without a listener, as a killed gateway leaves it.
func listen(path string) (*net.UnixListener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket %s: %w", path, err), l.Close())
	}
	l.SetUnlinkOnClose(false)
	return l, nil
}

// disk removes the socket: a disk that hangs must not hold up a stop.
var disk = stagedfs.Guard(stagedfs.Disk{})

func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("control socket: %w", err)
	case !isSocket(info):
		return fmt.Errorf("control socket %s: the file is not a socket (hint: move it away, or choose another spool.dir)", path)
	}
	c, err := net.DialTimeout("unix", path, probeTime)
	if err == nil {
		_ = c.Close()
	}
	// Only "refused" proves that nothing listens. A full backlog is a busy gateway; a
	// missing permission, another user's.
	if !errors.Is(err, errRefused) {
		return fmt.Errorf("control socket %s: %w (hint: another gateway runs with this spool.dir)", path, syscall.EADDRINUSE)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	return nil
}
