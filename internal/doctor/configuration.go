package doctor

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"arduino-gateway/internal/config"
)

// configuration tells what gateway check would.
func (p Patient) configuration(context.Context) []Finding {
	const check = "configuration"
	if p.Missing != nil {
		return []Finding{fault(check, Fail, p.Missing)}
	}
	var found []Finding
	for _, problem := range p.Problems {
		level := Fail
		if problem.Warning {
			level = Warn
		}
		hint := problem.Hint
		problem.Hint = ""
		found = append(found, Finding{check, level, problem.String(), hint})
	}
	if p.Config != nil {
		devices := count(len(p.Config.Devices), "device")
		if p.Config.Auto.On {
			devices += ", with those that were found"
		}
		found = append(found, Finding{check, OK, fmt.Sprintf("%s is valid: %s", p.File, devices), ""})
	}
	return found
}

// count is "1 device", "2 devices".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// files looks at those that the configuration names.
func (p Patient) files(context.Context) (found []Finding) {
	const check = "files"
	if p.Unready != nil {
		found = append(found, fault(check, Fail, p.Unready))
	}
	secrets := secretFiles(p.Config)
	for _, s := range secrets {
		if f, wrong := s.exposed(); wrong {
			found = append(found, f)
		}
	}
	if len(found) == 0 && len(secrets) > 0 {
		found = append(found, Finding{check, OK, "what they hold is kept from others: " + names(secrets), ""})
	}
	return found
}

// secret is a file that only its user should read.
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

// exposed tells whether anybody on this machine can read the file. Windows has
// no such bits.
func (s secret) exposed() (Finding, bool) {
	info, err := os.Stat(s.file)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o004 == 0 {
		return Finding{}, false
	}
	return Finding{"files", Warn, fmt.Sprintf("%s: everybody on this machine can read %s", s.key, s.file), "chmod o= " + quoted(s.file)}, true
}
