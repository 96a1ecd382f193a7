package config

import (
	"fmt"
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
		"silence":     r.later(r.DurationOrOff(&d.Silence, minSilence)),
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

func (r *reader) readings(d *device.Device) strictyaml.Set {
	return r.Each(func(key, name string, n *strictyaml.Node) {
		var spec device.ReadingSpec
		r.Fields(map[string]strictyaml.Set{
			"unit":         r.later(r.Text(&spec.Unit)),
			"device_class": r.later(r.Text(&spec.DeviceClass)),
			"min":          r.later(r.bound(&spec.Min)),
			"max":          r.later(r.bound(&spec.Max)),
		})(key, n)
		if normal := readingName(name); normal == "" {
			r.SayAt(key, "no name of a reading", "letters, digits and _")
		} else if normal != name {
			r.SayAt(key, "no reading is called so", fmt.Sprintf("write %s", strictyaml.Quote(normal)))
		}
		if spec.Min != nil && spec.Max != nil && *spec.Min > *spec.Max {
			r.SayAt(key+".max", "is below min", "")
		}
		if d.Readings == nil {
			d.Readings = map[string]device.ReadingSpec{}
		}
		d.Readings[name] = spec
	})
}

// bound takes a number, where there may be none.
func (r *reader) bound(to **float64) strictyaml.Set {
	return func(key string, n *strictyaml.Node) {
		var v float64
		if r.Takes(r.Number(&v), key, n) {
			*to = &v
		}
	}
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
