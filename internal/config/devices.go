package config

import (
	"fmt"
	"regexp"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

func (r *reader) deviceKeys(d *device.Device) map[string]strictyaml.Set {
	return map[string]strictyaml.Set{
		"port":        r.Text(&d.Port),
		"baud":        strictyaml.Whole(r.Document, &d.Baud, 50, 4_000_000),
		"client_id":   r.Text(&d.ClientID),
		"format":      strictyaml.Word(r.Document, &d.Format, device.Formats...),
		"columns":     r.Texts(&d.Columns),
		"pattern":     r.pattern(&d.Pattern),
		"line_ending": strictyaml.Word(r.Document, &d.LineEnding, device.LineEndings...),
		"silence":     r.DurationOrOff(&d.Silence, minSilence),
		"readings":    r.readings(d),
		"commands":    r.commands(d),
	}
}

func (r *reader) pattern(to **regexp.Regexp) strictyaml.Set {
	var text string
	take := r.Text(&text)
	return func(key string, n *strictyaml.Node) {
		take(key, n)
		re, err := regexp.Compile(text)
		if err != nil {
			r.Say(n, key, fmt.Sprintf("not a regular expression: %v", err), "")
			return
		}
		for _, name := range re.SubexpNames() {
			if name != "" {
				*to = re
				return
			}
		}
		r.Say(n, key, "no named group: nothing would be read", `such as T=(?P<temperature>\S+)`)
	}
}

func (r *reader) readings(d *device.Device) strictyaml.Set {
	return r.Each(func(path, name string, n *strictyaml.Node) {
		var spec device.ReadingSpec
		r.Fields(map[string]strictyaml.Set{
			"unit":         r.Text(&spec.Unit),
			"device_class": r.Text(&spec.DeviceClass),
			"min":          r.bound(&spec.Min),
			"max":          r.bound(&spec.Max),
		})(path, n)
		if spec.Min != nil && spec.Max != nil && *spec.Min > *spec.Max {
			r.SayAt(path+".max", "max is below min", "")
		}
		if d.Readings == nil {
			d.Readings = map[string]device.ReadingSpec{}
		}
		d.Readings[name] = spec
	})
}

func (r *reader) bound(to **float64) strictyaml.Set {
	var v float64
	number := r.Number(&v)
	return func(key string, n *strictyaml.Node) {
		number(key, n)
		*to = &v
	}
}
