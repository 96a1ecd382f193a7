package doctor

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"arduino-gateway/internal/config"
)

// configuration returns the findings of gateway check.
func (t Target) configuration(context.Context) []Finding {
	const check = "configuration"
	if t.Missing != nil {
		return []Finding{fault(check, Fail, t.Missing)}
	}
	var findings []Finding
	for _, problem := range t.Problems {
		level := Fail
		if problem.Warning {
			level = Warn
		}
		hint := problem.Hint
		problem.Hint = ""
		findings = append(findings, Finding{check, level, problem.String(), hint})
	}
	if t.Config != nil {
		devices := count(len(t.Config.Devices), "device")
		if t.Config.Auto.On {
			devices += " now, and each board that is detected"
		}
		findings = append(findings, Finding{check, OK, fmt.Sprintf("%s is valid: %s", t.File, devices), ""})
	}
	return findings
}

// count formats a number of things: "1 device", "2 devices".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// files checks the files that the configuration names.
func (t Target) files(context.Context) (findings []Finding) {
	const check = "files"
	if t.Unready != nil {
		findings = append(findings, fault(check, Fail, t.Unready))
	}
	secrets := secretFiles(t.Config)
	for _, s := range secrets {
		if f, wrong := s.exposed(); wrong {
			findings = append(findings, f)
		}
	}
	if len(findings) == 0 && len(secrets) > 0 {
		findings = append(findings, Finding{check, OK, "not readable by other users: " + names(secrets), ""})
	}
	return findings
}

// secret is a file that other users must not read.
type secret struct{ key, file string }

func secretFiles(c *config.Config) (all []secret) {
	for _, s := range []secret{{"mqtt.password_file", c.MQTT.PasswordFile}, {"mqtt.tls.key", c.MQTT.TLS.Key}} {
		if s.file != "" {
			all = append(all, s)
		}
	}
	return all
}

func names(secrets []secret) (text string) {
	for i, s := range secrets {
		if i > 0 {
			text += ", "
		}
		text += s.file
	}
	return text
}

// exposed reports a file that every user of this machine can read. Windows has no such
// permission bits.
func (s secret) exposed() (Finding, bool) {
	info, err := os.Stat(s.file)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o004 == 0 {
		return Finding{}, false
	}
	return Finding{"files", Warn, fmt.Sprintf("%s: every user of this machine can read %s", s.key, s.file), "chmod o= " + quoted(s.file)}, true
}
