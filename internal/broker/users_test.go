package broker

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// cheapHash spares the tests most of the time that a hash is meant to take.
func cheapHash(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

func TestHashAndCheck(t *testing.T) {
	hash, err := HashPassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !checkPassword(hash, "correct horse") || checkPassword(hash, "correct house") || checkPassword("x", "correct horse") {
		t.Fatal("the check does not tell right from wrong")
	}
	again, _ := HashPassword("correct horse")
	if again == hash {
		t.Fatal("two hashes of one password are equal: there is no salt")
	}
	for _, bad := range []string{"", strings.Repeat("x", 73)} {
		if _, err := HashPassword(bad); err == nil {
			t.Errorf("a password of %d bytes was hashed", len(bad))
		}
	}
}

func TestParseUsers(t *testing.T) {
	got, err := ParseUsers("users", strings.NewReader("# made by gateway passwd\r\n\n pi:"+nobody+"\r\nsmörgås bord:"+nobody+"\n"))
	if want := map[string]string{"pi": nobody, "smörgås bord": nobody}; err != nil || !maps.Equal(got, want) {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestParseUsersTellsWhere(t *testing.T) {
	cases := map[string]string{
		"pi":                                 "users:1: no colon (hint: a line is name:hash, written by gateway passwd NAME)",
		"\n:" + nobody:                       "users:2: the user's name is empty",
		"pi:secret":                          `users:1: what stands behind "pi" is no bcrypt hash (hint: gateway passwd pi writes it)`,
		"pi :" + nobody:                      `users:1: the user's name "pi " has a colon, a control character, a space at an end or a # in front`,
		strings.Repeat("x", 2000):            "users:1: bufio.Scanner: token too long",
		"a\nb":                               "users:1: no colon (hint: a line is name:hash, written by gateway passwd NAME)\nusers:2: no colon (hint: a line is name:hash, written by gateway passwd NAME)",
		strings.Repeat("pi:"+nobody+"\n", 2): `users:2: the user "pi" stands in line 1 already`,
	}
	for text, want := range cases {
		users, err := ParseUsers("users", strings.NewReader(text))
		if err == nil || err.Error() != want || users != nil {
			t.Errorf("%.20q: %v\nwant %s", text, err, want)
		}
	}
}

func TestWriteUserAddsAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	other := strings.Replace(nobody, "$2a$", "$2b$", 1)
	for _, step := range []struct{ name, hash, want string }{
		{"pi", nobody, "pi:" + nobody + "\n"},
		{"ha", nobody, "pi:" + nobody + "\nha:" + nobody + "\n"},
		{"pi", other, "pi:" + other + "\nha:" + nobody + "\n"},
	} {
		if err := WriteUser(path, step.name, step.hash); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != step.want {
			t.Fatalf("after %s the file is\n%s%v\nwant\n%s", step.name, got, err, step.want)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Fatalf("left beside the file: %v", left)
	}
}

func TestWriteUserKeepsWhatAPersonWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte("# ours\n\npi:x\npi:y\nha:z"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteUser(path, "pi", nobody); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "# ours\n\npi:"+nobody+"\nha:z\n" {
		t.Fatalf("the file is\n%s", got)
	}
}

func TestWriteUserRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "users")
	for _, c := range [][3]string{
		{path, "a:b", nobody},
		{path, "#a", nobody},
		{path, "a\nb", nobody},
		{path, "", nobody},
		{path, "a", "plain"},
		{path, strings.Repeat("a", 1000), nobody},
		{dir, "a", nobody},
		{filepath.Join(dir, "none", "users"), "a", nobody},
	} {
		if err := WriteUser(c[0], c[1], c[2]); err == nil {
			t.Errorf("WriteUser(%q, %.10q, %.5q…) went well", c[0], c[1], c[2])
		} else if c[1] == "a:b" && !strings.Contains(err.Error(), "has a colon") {
			t.Errorf("a colon in the name is told as %v", err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("refusals left %v", left)
	}
}

// TestLoginStorm logs a hundred devices in under one name: one hash is computed.
func TestLoginStorm(t *testing.T) {
	hash := cheapHash(t, "s3cret")
	synctest.Test(t, func(t *testing.T) {
		g := newGate(map[string]string{"pi": hash})
		if !g.admit("pi", []byte("s3cret")) {
			t.Fatal("the right password was refused")
		}
		g.turn <- struct{}{} // from now on whoever wants to hash waits in vain
		for range 100 {
			if !g.admit("pi", []byte("s3cret")) {
				t.Fatal("the known password was refused")
			}
		}
		began := time.Now()
		if g.admit("pi", []byte("s3crex")) || time.Since(began) != loginWait {
			t.Fatalf("an unknown password was decided on without a hash, after %v", time.Since(began))
		}
	})
}

func TestMarksDoNotRunTogether(t *testing.T) {
	g := newGate(nil)
	if g.mark("a", "b", []byte("c")) == g.mark("ab", "", []byte("c")) {
		t.Fatal("name and hash run together")
	}
	if g.mark("a", "b", []byte("c")) == newGate(nil).mark("a", "b", []byte("c")) {
		t.Fatal("two gates have one key")
	}
}

func FuzzParseUsers(f *testing.F) {
	f.Add("pi:" + nobody)
	f.Add("# c\r\n\r\na:b")
	f.Fuzz(func(t *testing.T, text string) {
		users, err := ParseUsers("f", strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("the error names no place: %v", err)
			}
			return
		}
		var again strings.Builder
		for name, hash := range users {
			fmt.Fprintf(&again, "%s:%s\n", name, hash)
		}
		same, err := ParseUsers("f", strings.NewReader(again.String()))
		if err != nil || !maps.Equal(users, same) {
			t.Fatalf("%q does not survive being written: %v", users, err)
		}
	})
}
