package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"arduino-gateway/internal/config"
)

// TestConfiguration_Findings has no file, a file with errors, and one with a warning.
func TestConfiguration_Findings(t *testing.T) {
	missing := Target{Missing: errors.New("no configuration: none is there (hint: begin with gateway init)")}
	check(t, missing.configuration(t.Context()), "fail configuration: none is there | begin with gateway init")
	if got := len(missing.Checks()); got != 3 {
		t.Errorf("%d checks without a configuration", got)
	}
	c, problems := config.Parse("x.yaml", []byte("mqtt: {broker: mqtt://b}\ndevices:\n  a: {port: /dev/p, client_id: same}\n  b: {port: /dev/q, client_id: same, boud: 1}\n"), os.Getenv)
	check(t, Target{File: "x.yaml", Config: c, Problems: problems}.configuration(t.Context()),
		`fail configuration: x.yaml:4:21: devices.b.client_id: "same" is the client ID of device a in line 3 | each session needs its own`,
		`fail configuration: x.yaml:4:38: devices.b.boud: unknown key | did you mean "baud"?`)
	target := targetWith(t, "mqtt: {broker: mqtt://b}\n"+oneDevice)
	target.Problems = config.Problems{{File: "x.yaml", Line: 1, Column: 2, Key: "http", What: "not available yet", Warning: true}}
	check(t, target.configuration(t.Context()), "warn configuration: x.yaml:1:2: http: warning: not available yet", "ok configuration: valid: 1 device")
}

// TestFiles_Exposed makes a password file private and then readable by all users.
func TestFiles_Exposed(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "my password")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	target := targetWith(t, fmt.Sprintf("mqtt: {broker: mqtt://b, username: pi, password_file: %q}\n%s", file, oneDevice))
	target.Config.MQTT.TLS.Key = filepath.Join(dir, "none")
	check(t, target.files(t.Context()), "ok files: "+file)
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	check(t, target.files(t.Context()), "warn files: mqtt.password_file: every user of this machine can read | chmod o= '"+file+"'")
	check(t, targetWith(t, "mqtt: {broker: mqtt://b}\n"+oneDevice).files(t.Context()))
}
