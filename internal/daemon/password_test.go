package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only a file that can be meant in one way is a password; any other error names the file.
func TestReadPassword(t *testing.T) {
	for _, c := range []struct{ name, data, want, fails string }{
		{"plain", "secret", "secret", ""},
		{"line", "secret\n", "secret", ""},
		{"Windows line", "secret\r\n\r\n", "secret", ""},
		{"blanks", " two words \n", " two words ", ""},
		{"Latin-1", "gr\xfcn", "gr\xfcn", ""},
		{"byte order mark", "\xef\xbb\xbfsecret\r\n", "secret", ""},
		{"UTF-16", "\xff\xfeg\x00\xfc\x00n\x00\r\x00\n\x00", "gün", ""}, // echo gün > file, in PowerShell
		{"UTF-16, big-endian", "\xfe\xff\x00o\x00k", "ok", ""},
		{"longest", strings.Repeat("x", 65535) + "\n", strings.Repeat("x", 65535), ""},
		{"nothing", "", "", "is empty"},
		{"only a line ending", "\r\n", "", "is empty"},
		{"only a mark", "\xef\xbb\xbf", "", "is empty"},
		{"two lines", "secret\nother\n", "", "has more than one line"},
		{"a line too early", "\nsecret\n", "", "has more than one line"},
		{"two lines of UTF-16", "\xff\xfea\x00\n\x00b\x00", "", "has more than one line"},
		{"UTF-16 without a mark", "s\x00e\x00", "", "in UTF-16 without a byte order mark"},
		{"half of UTF-16", "\xff\xfea\x00b", "", "save it as UTF-8"},
		{"half of a pair", "\xff\xfe\x00\xd8", "", "save it as UTF-8"},
		{"too long", strings.Repeat("x", 65536), "", "more than the 65535 bytes"},
		{"far too long", strings.Repeat("x", 1<<20), "", "more than the 65535 bytes"},
		{"mosquitto's users", "pi:$7$101$Lz8jzy1rrqd9$abc==\n", "", "the hash of a password"},
		{"our users", "pi:$2a$10$abcdef\n", "", "the hash of a password"},
		{"a colon", "pi:secret\n", "pi:secret", ""},
	} {
		file := filepath.Join(t.TempDir(), "mqtt.password")
		if err := os.WriteFile(file, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readPassword(file, nil)
		switch {
		case c.fails == "" && (err != nil || got != c.want):
			t.Errorf("%s: %q, %v", c.name, got, err)
		case c.fails != "" && (err == nil || !strings.HasPrefix(err.Error(), "mqtt.password_file: "+file) || !strings.Contains(err.Error(), c.fails)):
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}
