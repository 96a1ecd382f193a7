package broker

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	hashCost    = 10 // bcrypt's: about 50 ms on a PC, some tenths of a second on a Raspberry Pi
	maxPassword = 72 // bytes; bcrypt looks at no more
	maxUserLine = 1024
)

// noUser is the hash of a random password, for unknown names.
const noUser = "$2a$10$CzAIlFinh.2NiccapEGET.QX8CUIYP9UeJDU6NHKKBamXiJMG795e"

// HashPassword returns the hash of a password as a users file holds it, such as
// "$2a$10$…". The password has 1 to 72 bytes.
func HashPassword(password string) (string, error) {
	if password == "" || len(password) > maxPassword {
		return "", fmt.Errorf("the password has %d bytes (hint: between 1 and %d)", len(password), maxPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), hashCost)
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return string(hash), nil
}

// checkPassword reports whether hash is that of password. It takes as long as
// HashPassword, right or wrong.
func checkPassword(hash, password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
}

// ParseUsers reads a users file: `name:hash` a line. Empty lines and lines that
// begin with # are skipped. The name is only for errors, which have the form
// `FILE:LINE: cause` and are joined.
func ParseUsers(name string, r io.Reader) (map[string]string, error) {
	users, lines := map[string]string{}, map[string]int{}
	var problems []error
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxUserLine)
	number := 0
	for in.Scan() {
		number++
		text := strings.TrimSpace(in.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		user, hash, err := parseUser(text)
		if first, twice := lines[user]; err == nil && twice {
			err = fmt.Errorf("user %q is already on line %d", user, first)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s:%d: %w", name, number, err))
			continue
		}
		users[user], lines[user] = hash, number
	}
	if err := in.Err(); err != nil {
		problems = append(problems, fmt.Errorf("%s:%d: %w", name, number+1, err))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return users, nil
}

// parseUser splits one line:
//
//	pi:$2a$10$CzAIlFinh.2NiccapEGET.QX8CUIYP9UeJDU6NHKKBamXiJMG795e
func parseUser(line string) (name, hash string, err error) {
	name, hash, found := strings.Cut(line, ":")
	if !found {
		return "", "", errors.New("no colon (hint: a line is name:hash, written by gateway passwd NAME)")
	}
	if err := checkName(name); err != nil {
		return "", "", err
	}
	if _, err := bcrypt.Cost([]byte(hash)); err != nil {
		return "", "", fmt.Errorf("user %q: not a bcrypt hash (hint: gateway passwd %s writes it)", name, name)
	}
	return name, hash, nil
}

func checkName(name string) error {
	if name == "" {
		return errors.New("the user name is empty")
	}
	if name[0] == '#' || strings.TrimSpace(name) != name || strings.ContainsFunc(name, func(r rune) bool { return r == ':' || r < ' ' || r == 0x7f }) {
		return fmt.Errorf("user name %q: must not contain a colon or a control character, begin with # or have a space at an end", name)
	}
	return nil
}

// WriteUser adds a user to the file at path, or changes the user's hash there. All
// other lines stay. A power cut leaves the old file or the new one, and only its
// owner can read it. The file need not exist.
func WriteUser(path, name, hash string) error {
	if err := checkName(name); err != nil { // a colon would end the name
		return fmt.Errorf("write %s: %w", path, err)
	}
	line := name + ":" + hash
	if _, _, err := parseUser(line); err != nil || len(line) >= maxUserLine {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, tooLong(line)))
	}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write users: %w", err)
	}
	if err := replaceFile(path, withUser(old, name, line)); err != nil {
		return fmt.Errorf("write users: %w", err)
	}
	return nil
}

func tooLong(line string) error {
	if len(line) < maxUserLine {
		return nil
	}
	return fmt.Errorf("the line has %d bytes (hint: at most %d)", len(line), maxUserLine-1)
}

// withUser returns the file with the line of name replaced, or appended.
func withUser(file []byte, name, line string) []byte {
	var out bytes.Buffer
	written := false
	for old := range strings.Lines(string(file)) {
		old = strings.TrimRight(old, "\r\n")
		if user, _, _ := strings.Cut(strings.TrimSpace(old), ":"); user == name {
			if written {
				continue // a duplicate, which ParseUsers would refuse
			}
			old, written = line, true
		}
		out.WriteString(old + "\n")
	}
	if !written {
		out.WriteString(line + "\n")
	}
	return out.Bytes()
}

// replaceFile writes a new file in the same folder, syncs and renames it, and
// syncs the folder.
func replaceFile(path string, content []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(content)
	keepOwner(temp, path)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err = os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a rename survive a power cut. Windows has no such call.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
