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

// cheapHash returns a hash that is quick to compare.
func cheapHash(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// A hash fits its password only, and differs each time.
func TestHashPassword(t *testing.T) {
	hash, err := HashPassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !checkPassword(hash, "correct horse") || checkPassword(hash, "correct house") || checkPassword("x", "correct horse") {
		t.Fatal("the check does not tell right from wrong")
	}
	again, _ := HashPassword("correct horse")
	if again == hash {
		t.Fatal("two hashes of one password are equal: the salt is missing")
	}
	for _, bad := range []string{"", strings.Repeat("x", 73)} {
		if _, err := HashPassword(bad); err == nil {
			t.Errorf("a password of %d bytes was hashed", len(bad))
		}
	}
}

// Comments, empty lines and CRLF are accepted.
func TestParseUsers(t *testing.T) {
	got, err := ParseUsers("users", strings.NewReader("# made by gateway passwd\r\n\n pi:"+noUser+"\r\nsmörgås bord:"+noUser+"\n"))
	if want := map[string]string{"pi": noUser, "smörgås bord": noUser}; err != nil || !maps.Equal(got, want) {
		t.Fatalf("got %v, %v", got, err)
	}
}

// Each error names file and line.
func TestParseUsers_Errors(t *testing.T) {
	cases := map[string]string{
		"pi":                                 "users:1: no colon (hint: a line is name:hash, written by gateway passwd NAME)",
		"\n:" + noUser:                       "users:2: the user name is empty",
		"pi:secret":                          `users:1: user "pi": not a bcrypt hash (hint: gateway passwd pi writes it)`,
		"pi :" + noUser:                      `users:1: user name "pi ": must not contain a colon or a control character, begin with # or have a space at an end`,
		strings.Repeat("x", 2000):            "users:1: bufio.Scanner: token too long",
		"a\nb":                               "users:1: no colon (hint: a line is name:hash, written by gateway passwd NAME)\nusers:2: no colon (hint: a line is name:hash, written by gateway passwd NAME)",
		strings.Repeat("pi:"+noUser+"\n", 2): `users:2: user "pi" is already on line 1`,
	}
	for text, want := range cases {
		users, err := ParseUsers("users", strings.NewReader(text))
		if err == nil || err.Error() != want || users != nil {
			t.Errorf("%.20q: %v\nwant %s", text, err, want)
		}
	}
}

// A user is added or replaced, and the file is private.
func TestWriteUser_AddsAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	other := strings.Replace(noUser, "$2a$", "$2b$", 1)
	for _, step := range []struct{ name, hash, want string }{
		{"pi", noUser, "pi:" + noUser + "\n"},
		{"ha", noUser, "pi:" + noUser + "\nha:" + noUser + "\n"},
		{"pi", other, "pi:" + other + "\nha:" + noUser + "\n"},
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

// Other lines stay as they are; duplicates of the user go.
func TestWriteUser_KeepsOtherLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte("# ours\n\npi:x\npi:y\nha:z"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteUser(path, "pi", noUser); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "# ours\n\npi:"+noUser+"\nha:z\n" {
		t.Fatalf("the file is\n%s", got)
	}
}

// Bad names and hashes, and a path that cannot be written, leave no file behind.
func TestWriteUser_Refuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "users")
	for _, c := range [][3]string{
		{path, "a:b", noUser},
		{path, "#a", noUser},
		{path, "a\nb", noUser},
		{path, "", noUser},
		{path, "a", "plain"},
		{path, strings.Repeat("a", 1000), noUser},
		{dir, "a", noUser},
		{filepath.Join(dir, "none", "users"), "a", noUser},
	} {
		if err := WriteUser(c[0], c[1], c[2]); err == nil {
			t.Errorf("WriteUser(%q, %.10q, %.5q…) went well", c[0], c[1], c[2])
		} else if c[1] == "a:b" && !strings.Contains(err.Error(), "must not contain a colon") {
			t.Errorf("a colon in the name gives %v", err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Fatalf("refusals left %v", left)
	}
}

// A hundred devices log in under one name: one hash is computed.
func TestAuthenticator_HashesOnce(t *testing.T) {
	hash := cheapHash(t, "s3cret")
	synctest.Test(t, func(t *testing.T) {
		a := newAuthenticator(map[string]string{"pi": hash})
		if !a.admit("pi", []byte("s3cret")) {
			t.Fatal("the right password was refused")
		}
		a.turn <- struct{}{} // from now on nothing is hashed
		for range 100 {
			if !a.admit("pi", []byte("s3cret")) {
				t.Fatal("the known password was refused")
			}
		}
		began := time.Now()
		if a.admit("pi", []byte("s3crex")) || time.Since(began) != loginWait {
			t.Fatalf("an unknown password was decided on without a hash, after %v", time.Since(began))
		}
	})
}

// A mark depends on name, hash, password and the process.
func TestAuthenticator_Mark(t *testing.T) {
	a := newAuthenticator(nil)
	if a.mark("a", "b", []byte("c")) == a.mark("ab", "", []byte("c")) {
		t.Fatal("name and hash run together")
	}
	if a.mark("a", "b", []byte("c")) == newAuthenticator(nil).mark("a", "b", []byte("c")) {
		t.Fatal("two authenticators have one key")
	}
}

func FuzzParseUsers(f *testing.F) {
	f.Add("pi:" + noUser)
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
