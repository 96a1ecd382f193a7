package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceclass"
	"arduino-gateway/internal/spelling"
	"arduino-gateway/internal/strictyaml"
)

// shortestInterval is less than any board's line takes on the wire.
const shortestInterval = time.Millisecond

func (r *reader) readings(d *device.Device) strictyaml.Set {
	return r.Each(func(key, name string, n *strictyaml.Node) {
		var spec device.ReadingSpec
		r.Fields(map[string]strictyaml.Set{
			"unit":         r.identity(&spec.Unit),
			"device_class": r.deviceClass(&spec.DeviceClass),
			"min":          r.bound(&spec.Min),
			"max":          r.bound(&spec.Max),
			"deadband":     r.bound(&spec.Deadband),
			"min_interval": r.Duration(&spec.MinInterval, shortestInterval),
			"max_interval": r.Duration(&spec.MaxInterval, shortestInterval),
			"rename":       r.readingName(&spec.Rename),
			"ignore":       r.Flag(&spec.Ignore),
		})(key, n)
		if normal := readingName(name); normal == "" {
			r.ReportAt(key, "no name of a reading", "letters, digits and _")
		} else if normal != name {
			r.ReportAt(key, "no reading is called so", fmt.Sprintf("write %s", strictyaml.Quote(normal)))
		}
		r.checkReading(key, spec)
		if d.Readings == nil {
			d.Readings = map[string]device.ReadingSpec{}
		}
		d.Readings[name] = spec
	})
}

// readingName takes a name that is one already.
func (r *reader) readingName(to *string) strictyaml.Set {
	return r.Scalar("a text", func(key string, n *strictyaml.Node) {
		switch normal := readingName(n.Value); {
		case normal == "":
			r.Reject(n, key, strictyaml.Quote(n.Value)+" is no name of a reading", "letters, digits and _")
		case normal != n.Value:
			r.Reject(n, key, "no reading is called "+strictyaml.Quote(n.Value), "write "+strictyaml.Quote(normal))
		case len(normal) > longestLevel:
			r.Reject(n, key, "a topic level "+badLevel(normal), "")
		default:
			*to = normal
		}
	})
}

// deviceClass takes one of Home Assistant's.
func (r *reader) deviceClass(to *string) strictyaml.Set {
	return r.Scalar("a text", func(key string, n *strictyaml.Node) {
		if _, ok := deviceclass.Find(n.Value); ok {
			*to = n.Value
			return
		}
		hint := "docs/homeassistant.md lists them"
		if near := spelling.Nearest(n.Value, deviceclass.Names()); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		r.Reject(n, key, strictyaml.Quote(n.Value)+" is no device class of a sensor in Home Assistant", hint)
	})
}

// checkDeviceClass finds a unit that Home Assistant would refuse.
func (r *reader) checkDeviceClass(key string, spec device.ReadingSpec) {
	class, ok := deviceclass.Find(spec.DeviceClass)
	if !ok {
		return
	}
	if !r.config.MQTT.Discovery && r.Valid("mqtt.discovery") {
		r.WarnAt(key+".device_class", "it is for Home Assistant, which is told nothing", "set mqtt.discovery: homeassistant, or remove it")
	}
	if unit := deviceclass.Unit(spec.Unit); unit == "" || class.Allows(unit) {
		return
	}
	hint := "remove one of the two"
	if units := strings.Trim(strings.Join(class.Units, ", "), ", "); units != "" {
		hint = "one of " + units
	}
	r.ReportAt(key+".unit", fmt.Sprintf("%s is no unit of device_class %s", strictyaml.Quote(spec.Unit), spec.DeviceClass), hint)
}

// checkReading looks at the keys of a reading together.
func (r *reader) checkReading(key string, spec device.ReadingSpec) {
	if spec.Min != nil && spec.Max != nil && *spec.Min > *spec.Max {
		r.ReportAt(key+".max", "is below min", "")
	}
	if spec.Deadband != nil && *spec.Deadband < 0 {
		r.ReportAt(key+".deadband", "is below 0", "0 holds back what is unchanged, 0.5 also what is within ±0.5")
	}
	if spec.MaxInterval > 0 && r.Missing(key+".deadband") {
		r.ReportAt(key+".max_interval", "repeats what deadband holds back, and there is none", "add deadband: 0, or remove it")
	}
	if spec.MaxInterval > 0 && spec.MaxInterval < spec.MinInterval {
		r.ReportAt(key+".max_interval", "is less than min_interval", "")
	}
	if !spec.Ignore {
		return
	}
	for _, other := range []string{"unit", "device_class", "min", "max", "deadband", "min_interval", "max_interval", "rename"} {
		if r.Has(key + "." + other) {
			r.ReportAt(key+"."+other, "an ignored reading is not published at all", "remove it, or ignore")
			return
		}
	}
}

// checkNames finds two readings that would be published under one name.
func (r *reader) checkNames(key string, d *device.Device) {
	owner := map[string]string{} // of a name, as a user knows it
	for _, name := range slices.Concat(d.Columns, groups(d)) {
		name = readingName(name)
		if spec := d.Readings[name]; spec.Rename == "" && !spec.Ignore {
			owner[name] = "the reading " + name
		}
	}
	for name, spec := range d.Readings {
		if spec.Rename == "" && !spec.Ignore {
			owner[name] = "the reading " + name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Readings)) {
		to := d.Readings[name].Rename
		at := key + ".readings." + name + ".rename"
		switch {
		case to == "":
		case to == name:
			r.ReportAt(at, "is the reading's own name", "remove it")
		case owner[to] != "":
			r.ReportAt(at, fmt.Sprintf("%s is the name of %s too", strictyaml.Quote(to), owner[to]), "choose another")
		default:
			owner[to] = "the renamed " + name
		}
	}
}

// groups are the names that a pattern gives.
func groups(d *device.Device) []string {
	if d.Pattern == nil {
		return nil
	}
	return d.Pattern.SubexpNames()
}

// bound takes a number, where there may be none.
func (r *reader) bound(to **float64) strictyaml.Set {
	return optional(r, to, r.Number)
}
