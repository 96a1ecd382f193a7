package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/reload"
)

// CheckFiles reads the files that a configuration names and returns a problem for
// each one that cannot be used.
func CheckFiles(settings *config.Config, getenv func(string) string) (problems []config.Problem) {
	_, wrong := examine(settings, getenv)
	for _, w := range wrong {
		problems = append(problems, config.Problem{Key: w.key, What: w.err.Error(), Hint: w.hint})
	}
	return problems
}

// readFiles reads the files that a configuration names, and returns the first error.
func readFiles(settings *config.Config, getenv func(string) string) (reload.Files, error) {
	files, wrong := examine(settings, getenv)
	if len(wrong) > 0 {
		return files, wrong[0]
	}
	return files, nil
}

// examine reads each file that is in use, and returns all errors.
func examine(settings *config.Config, getenv func(string) string) (files reload.Files, wrong []*keyError) {
	m := settings.MQTT
	password, err := readPassword(m.PasswordFile, getenv)
	if err != nil {
		wrong = append(wrong, err)
	}
	files.Password = password
	if m.Secure() {
		wrong = append(wrong, readPEM(m, &files)...)
	}
	if m.Embedded && m.UsersFile != "" {
		if files.Users, err = readUsers(m.UsersFile); err != nil {
			wrong = append(wrong, err)
		}
	}
	return files, wrong
}

// readPEM reads the files of TLS. If all are there, they must fit together.
func readPEM(m config.MQTT, files *reload.Files) (wrong []*keyError) {
	for _, f := range []struct {
		key, name string
		to        *[]byte
	}{{"ca", m.TLS.CA, &files.CA}, {"cert", m.TLS.Cert, &files.Cert}, {"key", m.TLS.Key, &files.Key}} {
		if f.name == "" {
			continue
		}
		var err error
		if *f.to, err = os.ReadFile(f.name); err != nil {
			wrong = append(wrong, unreadable("mqtt.tls."+f.key, err, ""))
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	if _, err := tlsConfig(m, *files); err != nil {
		wrong = append(wrong, err)
	}
	return wrong
}

func readUsers(file string) (map[string]string, *keyError) {
	f, err := os.Open(file)
	if err != nil {
		return nil, unreadable("mqtt.embedded.users_file", err, "create it with `gateway passwd NAME`")
	}
	defer f.Close()
	users, err := broker.ParseUsers(file, f)
	if err != nil {
		return nil, &keyError{"mqtt.embedded.users_file", err, ""}
	}
	return users, nil
}

// namedFiles returns the files to watch: the configuration first, then those that it
// names. A file in spool.dir is not watched, because every line that is written there
// would count as a change of the folder.
func namedFiles(file string, c *config.Config) []string {
	m := c.MQTT
	all := []string{file, m.PasswordFile, m.TLS.CA, m.TLS.Cert, m.TLS.Key, m.UsersFile}
	if filepath.Dir(c.HTTP.TokenFile) != filepath.Clean(c.Spool.Dir) {
		all = append(all, c.HTTP.TokenFile)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// keyError reports why the value of a key of devices.yaml cannot be used.
type keyError struct {
	key  string
	err  error
	hint string // "" if none is known
}

func (e *keyError) Error() string {
	if e.hint == "" {
		return fmt.Sprintf("%s: %v", e.key, e.err)
	}
	return fmt.Sprintf("%s: %v (hint: %s)", e.key, e.err, e.hint)
}

func (e *keyError) Unwrap() error { return e.err }

// unreadable returns the error of a key whose file cannot be read. hint is used unless
// a permission is missing; "" is none.
func unreadable(key string, err error, hint string) *keyError {
	if errors.Is(err, fs.ErrPermission) {
		hint = config.ForPermission
	}
	return &keyError{key, err, hint}
}
