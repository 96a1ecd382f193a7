package config

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

func (r *reader) deviceKeys(d *device.Device) map[string]strictyaml.Set {
	return map[string]strictyaml.Set{
		"port":        r.port(&d.Port),
		"baud":        strictyaml.Whole(r.Document, &d.Baud, 50, 4_000_000),
		"client_id":   r.identity(&d.ClientID),
		"format":      strictyaml.Word(r.Document, &d.Format, device.Formats...),
		"columns":     r.columns(&d.Columns),
		"pattern":     r.pattern(&d.Pattern),
		"line_ending": strictyaml.Word(r.Document, &d.LineEnding, device.LineEndings...),
		"silence":     r.DurationOrOff(&d.Silence, minSilence),
		"readings":    r.readings(d),
		"commands":    r.commands(d),
	}
}

func (r *reader) pattern(to **regexp.Regexp) strictyaml.Set {
	const example = `such as 'T=(?P<temperature>\S+)'`
	return r.Scalar("a regular expression", func(key string, n *strictyaml.Node) {
		re, err := regexp.Compile(n.Value)
		if err != nil {
			r.Say(n, key, "not a regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), "")
			return
		}
		if !slices.ContainsFunc(re.SubexpNames(), func(name string) bool { return readingName(name) != "" }) {
			r.Say(n, key, "no named group: nothing would be read", example)
			return
		}
		*to = re
	})
}

// limit takes a whole number, where there may be none.
func (r *reader) limit(to **int64) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		var v int64
		if r.Takes(strictyaml.Whole(r.Document, &v, math.MinInt64, math.MaxInt64), key, n) {
			*to = &v
		}
	}
}
