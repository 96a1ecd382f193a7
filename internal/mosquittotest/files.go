package mosquittotest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// PasswordFile writes a file for mosquitto's password_file, name to password,
// and returns its path.
func PasswordFile(tb testing.TB, users map[string]string) string {
	tb.Helper()
	var text strings.Builder
	for name, password := range users {
		text.WriteString(name + ":" + password + "\n")
	}
	path := filepath.Join(tb.TempDir(), "passwords")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		tb.Fatal(err)
	}
	if out, err := exec.Command(program(tb, "mosquitto_passwd"), "-U", path).CombinedOutput(); err != nil {
		tb.Fatalf("mosquitto_passwd: %v\n%s", err, out)
	}
	return path
}

// program finds one of mosquitto's programs. Debian keeps the broker in
// /usr/sbin, which is not on every user's PATH.
func program(tb testing.TB, name string) string {
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

// journal collects what the process writes.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
