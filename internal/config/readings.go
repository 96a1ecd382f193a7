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

// shortestInterval is shorter than any board takes to send a line.
const shortestInterval = time.Millisecond

// readingReader reads the readings of a device.
type readingReader struct {
	doc    document
	key    string // of the device
	device *device.Device
}

func (r readingReader) read() strictyaml.Set {
	return r.doc.Each(func(key, name string, n *strictyaml.Node) {
		doc, spec := r.doc, device.ReadingSpec{}
		doc.Fields(map[string]strictyaml.Set{
			"unit":         doc.text(&spec.Unit),
			"device_class": r.class(&spec.DeviceClass),
			"min":          doc.number(&spec.Min),
			"max":          doc.number(&spec.Max),
			"deadband":     doc.number(&spec.Deadband),
			"min_interval": doc.Duration(&spec.MinInterval, shortestInterval),
			"max_interval": doc.Duration(&spec.MaxInterval, shortestInterval),
			"rename":       r.name(&spec.Rename),
			"ignore":       doc.Flag(&spec.Ignore),
		})(key, n)
		if normal := readingKey(name); normal == "" {
			doc.ReportAt(key, "not a reading name", "letters, digits and _")
		} else if normal != name {
			doc.ReportAt(key, "not a reading name", fmt.Sprintf("write %s", strictyaml.Quote(normal)))
		}
		if device.IsPattern(name) && spec.Rename != "" {
			doc.ReportAt(key+".rename", "would give several readings one name", "rename each reading by its own name")
		}
		r.checkSpec(key, spec)
		if r.device.Readings == nil {
			r.device.Readings = device.ReadingSpecs{}
		}
		r.device.Readings[name] = spec
	})
}

// name reads a reading's name as it is published.
func (r readingReader) name(to *string) strictyaml.Set {
	return r.doc.Scalar("a text", func(key string, n *strictyaml.Node) {
		switch normal := readingName(n.Value); {
		case normal == "":
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a reading name", "letters, digits and _")
		case normal != n.Value:
			r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a reading name", "write "+strictyaml.Quote(normal))
		case len(normal) > longestLevel:
			r.doc.Reject(n, key, "a topic level "+badLevel(normal), "")
		default:
			*to = normal
		}
	})
}

// class reads a device class of Home Assistant.
func (r readingReader) class(to *string) strictyaml.Set {
	return r.doc.Scalar("a text", func(key string, n *strictyaml.Node) {
		if _, ok := deviceclass.Find(n.Value); ok {
			*to = n.Value
			return
		}
		hint := "docs/homeassistant.md lists them"
		if near := spelling.Nearest(n.Value, deviceclass.Names()); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		r.doc.Reject(n, key, strictyaml.Quote(n.Value)+" is not a sensor device class of Home Assistant", hint)
	})
}

// checkSpec checks the keys of one reading that depend on each other.
func (r readingReader) checkSpec(key string, spec device.ReadingSpec) {
	if spec.Min != nil && spec.Max != nil && *spec.Min > *spec.Max {
		r.doc.ReportAt(key+".max", "is below min", "")
	}
	if spec.Deadband != nil && *spec.Deadband < 0 {
		r.doc.ReportAt(key+".deadband", "is below 0", "0 skips unchanged values; 0.5 also skips changes of up to 0.5")
	}
	if spec.MaxInterval > 0 && r.doc.Missing(key+".deadband") {
		r.doc.ReportAt(key+".max_interval", "has no effect without deadband", "add deadband: 0, or remove it")
	}
	if spec.MaxInterval > 0 && spec.MaxInterval < spec.MinInterval {
		r.doc.ReportAt(key+".max_interval", "is less than min_interval", "")
	}
	if !spec.Ignore {
		return
	}
	for _, other := range []string{"unit", "device_class", "min", "max", "deadband", "min_interval", "max_interval", "rename"} {
		if r.doc.Has(key + "." + other) {
			r.doc.ReportAt(key+"."+other, "has no effect: the reading is ignored", "remove it, or ignore")
			return
		}
	}
}

// check checks what depends on several readings, or on mqtt.
func (r readingReader) check(mqtt MQTT) {
	r.checkNames()
	for _, name := range slices.Sorted(maps.Keys(r.device.Readings)) {
		r.checkClass(r.key+".readings."+name, r.device.Readings[name], mqtt)
	}
}

// checkNames finds two readings that would be published under one name.
func (r readingReader) checkNames() {
	readings := r.device.Readings
	owner := map[string]string{} // by name: its reading, as the user knows it
	for _, name := range slices.Concat(r.device.Columns, groups(r.device)) {
		name = readingName(name)
		if spec, _ := readings.Of(name); spec.Rename == "" && !spec.Ignore {
			owner[name] = "the reading " + name
		}
	}
	for name, spec := range readings {
		if spec.Rename == "" && !spec.Ignore && !device.IsPattern(name) {
			owner[name] = "the reading " + name
		}
	}
	for _, name := range slices.Sorted(maps.Keys(readings)) {
		to := readings[name].Rename
		at := r.key + ".readings." + name + ".rename"
		switch {
		case to == "":
		case to == name:
			r.doc.ReportAt(at, "is the reading's own name", "remove it")
		case owner[to] != "":
			r.doc.ReportAt(at, fmt.Sprintf("%s is already the name of %s", strictyaml.Quote(to), owner[to]), "choose another")
		default:
			owner[to] = "the renamed " + name
		}
	}
}

// groups returns the names in a device's pattern.
func groups(d *device.Device) []string {
	if d.Pattern == nil {
		return nil
	}
	return d.Pattern.SubexpNames()
}

// checkClass finds a unit that Home Assistant would refuse.
func (r readingReader) checkClass(key string, spec device.ReadingSpec, mqtt MQTT) {
	class, ok := deviceclass.Find(spec.DeviceClass)
	if !ok {
		return
	}
	if !mqtt.Discovery && r.doc.Valid("mqtt.discovery") {
		r.doc.WarnAt(key+".device_class", "has no effect: mqtt.discovery is off", "set mqtt.discovery: homeassistant, or remove it")
	}
	if unit := deviceclass.Unit(spec.Unit); unit == "" || class.Allows(unit) {
		return
	}
	hint := "remove one of the two"
	if units := strings.Trim(strings.Join(class.Units, ", "), ", "); units != "" {
		hint = "one of " + units
	}
	r.doc.ReportAt(key+".unit", fmt.Sprintf("%s is not a unit of device_class %s", strictyaml.Quote(spec.Unit), spec.DeviceClass), hint)
}
