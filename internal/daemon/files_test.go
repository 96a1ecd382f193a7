package daemon

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/reload"
)

// The hint of a missing permission replaces the one of the key.
func TestKeyError_HasTheHintThatHelps(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "mqtt.password", Err: os.ErrPermission}
	for want, err := range map[string]error{
		"mqtt.password_file: open mqtt.password: permission denied (hint: let this user read it, or run the command as the service's user: sudo -u gateway gateway …)": unreadable("mqtt.password_file", denied, "write it"),
		"mqtt.password_file: gone (hint: write it)": unreadable("mqtt.password_file", errors.New("gone"), "write it"),
		"mqtt.tls.ca: gone":                         unreadable("mqtt.tls.ca", errors.New("gone"), ""),
	} {
		if err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// A file that the configuration names but does not use need not exist.
func TestReadFiles_SkipsUnusedFiles(t *testing.T) {
	none := func(string) string { return "" }
	settings, problems := config.Parse("devices.yaml", []byte(`
mqtt:
  broker: mqtt://127.0.0.1
  tls: {ca: none.pem, cert: none.pem, key: none.pem}
  embedded: {users_file: none}
devices:
  greenhouse: {port: /dev/ttyACM0}
`), none)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	files, err := readFiles(settings, none)
	if err != nil {
		t.Fatal(err)
	}
	if options, err := sessionOptions(reload.State{Config: settings, Files: files}); err != nil || options.TLS != nil {
		t.Errorf("%v, %v", options.TLS, err)
	}
}
