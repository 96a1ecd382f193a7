package mosquittotest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/internal/programtest"
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
	if out, err := exec.Command(programtest.Find(tb, "mosquitto_passwd"), "-U", path).CombinedOutput(); err != nil {
		tb.Fatalf("mosquitto_passwd: %v\n%s", err, out)
	}
	return path
}
