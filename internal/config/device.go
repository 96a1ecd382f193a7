package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceid"
	"arduino-gateway/internal/strictyaml"
)

// minSilence is the shortest silence that is longer than a board's own pauses.
const minSilence = time.Second

// Bounds of how long a command may wait, and of the pause between two commands.
const (
	leastExpires = 100 * time.Millisecond
	mostExpires  = time.Hour
	leastGap     = time.Millisecond
	mostGap      = 10 * time.Second
)

// longestBoot is longer than any bootloader waits.
const longestBoot = time.Minute

// deviceReader reads one entry of devices.
type deviceReader struct {
	doc    document
	key    string // of the entry
	device *device.Device
}

func (r deviceReader) readings() readingReader { return readingReader(r) }
func (r deviceReader) commands() commandReader { return commandReader(r) }

func (r deviceReader) keys() map[string]strictyaml.Set {
	doc, d := r.doc, r.device
	return map[string]strictyaml.Set{
		"port":          r.port(),
		"baud":          r.baud(),
		"client_id":     doc.clientID(&d.ClientID),
		"format":        strictyaml.Word(doc.Document, &d.Format, device.Formats...),
		"columns":       r.columns(),
		"decimal":       strictyaml.Word(doc.Document, &d.Decimal, ",", "."),
		"pattern":       r.pattern(),
		"max_line":      strictyaml.Whole(doc.Document, &d.MaxLine, device.LeastMaxLine, device.MostMaxLine),
		"line_ending":   strictyaml.Word(doc.Document, &d.LineEnding, device.LineEndings...),
		"reset_on_open": optional(doc, &d.ResetOnOpen, doc.Flag),
		"dtr":           optional(doc, &d.DTR, doc.Flag),
		"boot_time":     optional(doc, &d.BootTime, func(to *time.Duration) strictyaml.Set { return doc.between(to, 0, longestBoot) }),
		"describe":      optional(doc, &d.Describe, doc.Flag),
		"expires":       doc.between(&d.Expires, leastExpires, mostExpires),
		"gap":           doc.between(&d.Gap, leastGap, mostGap),
		"silence":       doc.DurationOrOff(&d.Silence, minSilence),
		"readings":      r.readings().read(),
		"commands":      r.commands().read(),
	}
}

// port reads the name of a serial port.
func (r deviceReader) port() strictyaml.Set {
	return r.doc.Scalar("a serial port", func(key string, n *strictyaml.Node) {
		port, hint, ok := readPort(n.Value)
		if !ok {
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a port", hint)
			return
		}
		r.device.Port = port
	})
}

// baud reads a rate, or auto, which is device.BaudAuto.
func (r deviceReader) baud() strictyaml.Set {
	rate := strictyaml.Whole(r.doc.Document, &r.device.Baud, 50, 4_000_000)
	return func(key string, n *strictyaml.Node) {
		if n.Value == "auto" {
			r.device.Baud = device.BaudAuto
			return
		}
		rate(key, n)
	}
}

// columns reads the names of values without names. Temp and temp are one name.
func (r deviceReader) columns() strictyaml.Set {
	return r.doc.list(&r.device.Columns, func(key string, n *strictyaml.Node) (same string, ok bool) {
		var name string
		if !r.doc.Apply(r.doc.level(&name), key, n) {
			return "", false
		}
		same = readingName(name)
		if same == "" {
			r.doc.Reject(n, key, strictyaml.Quote(name)+" is not a reading name", "letters, digits and _")
		}
		return same, same != ""
	})
}

func (r deviceReader) pattern() strictyaml.Set {
	return r.doc.Scalar("a regular expression", func(key string, n *strictyaml.Node) {
		re, err := regexp.Compile(n.Value)
		switch {
		case err != nil:
			r.doc.Reject(n, key, notRegexp(err), "")
		case !slices.ContainsFunc(re.SubexpNames(), func(name string) bool { return readingName(name) != "" }):
			r.doc.Reject(n, key, "has no named group: it would read nothing", `such as 'T=(?P<temperature>\S+)'`)
		default:
			r.device.Pattern = re
		}
	})
}

func notRegexp(err error) string {
	return "not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// check checks the keys that depend on each other.
func (r deviceReader) check(mqtt MQTT) {
	r.checkID()
	if r.doc.Missing(r.key + ".port") {
		r.doc.ReportAt(r.key+".port", "is missing", portExample)
	}
	r.checkModemLines()
	if r.device.Baud == device.BaudAuto && strings.HasPrefix(r.device.Port, "tcp://") {
		r.doc.ReportAt(r.key+".baud", "the server sets the rate of a tcp:// port", "give that rate, or use rfc2217://")
	}
	r.checkFormat()
	r.readings().check(mqtt)
	r.commands().checkLengths()
}

func (r deviceReader) checkID() {
	id := r.device.ID
	switch {
	case id == "gateway":
		r.doc.ReportAt(r.key, "a device cannot be called gateway: the gateway uses those topics", "")
	case !deviceid.Valid(id):
		hint := ""
		if near := deviceid.From(id); near != "" {
			hint = "such as " + near
		}
		r.doc.ReportAt(r.key, "a device ID can only have a-z, 0-9, _ and -", hint)
	case len(id) > longestLevel:
		r.doc.checkName(r.key, id)
	}
}

// checkModemLines finds settings that a server of serial ports does not accept.
func (r deviceReader) checkModemLines() {
	d := r.device
	raw, rfc2217 := strings.HasPrefix(d.Port, "tcp://"), strings.HasPrefix(d.Port, "rfc2217://")
	if d.DTR != nil && raw {
		r.doc.WarnAt(r.key+".dtr", "has no effect: tcp:// does not carry modem lines", "use rfc2217://, or remove this")
	}
	if d.ResetOnOpen != nil && (raw || rfc2217) {
		r.doc.WarnAt(r.key+".reset_on_open", "has no effect: the server decides what happens when the port closes", "set it there, and remove this")
	}
}

func (r deviceReader) checkFormat() {
	d := r.device
	if d.Format == device.FormatPattern && r.doc.Missing(r.key+".pattern") {
		r.doc.ReportAt(r.key+".pattern", "is missing: format is pattern", `such as pattern: 'T=(?P<temperature>\S+)'`)
	}
	if d.Pattern != nil && d.Format != device.FormatPattern && d.Format != device.FormatAuto {
		r.doc.ReportAt(r.key+".pattern", fmt.Sprintf("format %s does not use a pattern", d.Format), "set format: pattern, or remove it")
	}
	if d.Decimal != "" && (d.Format == device.FormatJSON || d.Format == device.FormatText) {
		r.doc.WarnAt(r.key+".decimal", fmt.Sprintf("has no effect with format %s", d.Format), "remove it")
	}
	if len(d.Columns) > 0 && d.Format != device.FormatCSV && d.Format != device.FormatAuto {
		r.doc.ReportAt(r.key+".columns", fmt.Sprintf("format %s does not use columns", d.Format), "set format: csv, or remove them")
	}
}
