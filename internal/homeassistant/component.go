package homeassistant

import (
	"cmp"
	"strconv"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceclass"
)

// The platforms: what Home Assistant calls the kind of an entity.
const (
	sensor  = "sensor"
	toggle  = "switch"
	number  = "number"
	choice  = "select"
	textbox = "text"
)

// component is one entity. The keys are Home Assistant's abbreviations.
type component struct {
	Platform      string   `json:"p"`
	Name          string   `json:"name,omitempty"`
	UniqueID      string   `json:"uniq_id,omitempty"`
	StateTopic    string   `json:"stat_t,omitempty"`
	ValueTemplate string   `json:"val_tpl,omitempty"`
	CommandTopic  string   `json:"cmd_t,omitempty"`
	DeviceClass   string   `json:"dev_cla,omitempty"`
	StateClass    string   `json:"stat_cla,omitempty"`
	Unit          string   `json:"unit_of_meas,omitempty"`
	ExpireAfter   int64    `json:"exp_aft,omitempty"` // seconds
	PayloadOn     string   `json:"pl_on,omitempty"`
	PayloadOff    string   `json:"pl_off,omitempty"`
	Min           *int64   `json:"min,omitempty"`
	Max           *int64   `json:"max,omitempty"`
	Options       []string `json:"ops,omitempty"`
}

// components returns the entities of a device by their keys. A key has platform
// and name: another platform is another entity.
func components(a Announcement, known map[string]traits) map[string]component {
	all := map[string]component{}
	add := func(name string, c component) {
		c.Name = title(name)
		c.UniqueID = a.objectID() + "_" + c.Platform + "_" + name
		all[c.Platform+"_"+keyOf(name)] = c
	}
	specs, hidden := a.published()
	for name, r := range known {
		spec, _ := specs.Of(name)
		hidden[name] = hidden[name] || spec.Ignore
		if _, isCommand := a.Commands[name]; !isCommand && !hidden[name] {
			add(name, a.sensor(name, spec, r))
		}
	}
	for name, c := range a.Commands {
		r, printed := known[name]
		add(name, a.control(c, printed && !hidden[name], r))
	}
	return all
}

// sensor shows a reading.
func (a Announcement) sensor(name string, spec device.ReadingSpec, r traits) component {
	topic, key := a.Topics.Reading(name)
	c := component{Platform: sensor, StateTopic: topic, ValueTemplate: textTemplate(key)}
	if class, ok := deviceclass.Find(spec.DeviceClass); ok && class.Text {
		c.DeviceClass = spec.DeviceClass
		return c
	}
	if r.Text {
		return c
	}
	c.ValueTemplate = numberTemplate(key)
	c.DeviceClass, c.Unit, c.StateClass = classify(spec, r)
	c.ExpireAfter = a.expiry(spec)
	return c
}

// classify returns what a number measures, as far as that is known. A device class
// that does not allow the unit is dropped.
func classify(spec device.ReadingSpec, r traits) (name, unit, state string) {
	written := spec.Unit
	if written == "" && !r.Mixed {
		written = r.Unit
	}
	unit = deviceclass.Unit(written)
	name = cmp.Or(spec.DeviceClass, deviceclass.FromUnit(written))
	class, ok := deviceclass.Find(name)
	if unit == "" {
		unit = class.Implied
	}
	if !ok || !class.Allows(unit) {
		return "", unit, deviceclass.Measurement
	}
	return name, unit, class.StateClass
}

// expiry returns after how many seconds a value expires, 0 for never: if silence is
// not configured, or if an unchanged value may never be published again.
func (a Announcement) expiry(spec device.ReadingSpec) int64 {
	if a.Silence == 0 || spec.Deadband != nil && spec.MaxInterval == 0 {
		return 0
	}
	longest := a.Silence + max(spec.MinInterval, spec.MaxInterval)
	return int64((longest + time.Second - 1) / time.Second)
}

// control returns the entity that sends a command. Its state is the reading of the
// same name if the board prints one. Else Home Assistant shows what it has sent.
func (a Announcement) control(c device.Command, printed bool, r traits) component {
	var made component
	var template func(key string) string
	switch c.Type {
	case device.Bool:
		made = component{Platform: toggle, PayloadOn: "on", PayloadOff: "off"}
		template = func(key string) string { return switchTemplate(key, c) }
	case device.Int:
		made, template = numberOf(c), plainTemplate
		printed = printed && !r.Text
	case device.Enum:
		made, template = component{Platform: choice, Options: c.Values}, plainTemplate
	default:
		least, most := int64(1), int64(cmp.Or(c.MaxLength, device.DefaultMaxLength)) // an empty message clears a retained one: it is not a command
		made, template = component{Platform: textbox, Min: &least, Max: &most}, textTemplate
	}
	made.CommandTopic = a.Topics.Command(c.Name)
	if printed {
		topic, key := a.Topics.Reading(c.Name)
		made.StateTopic, made.ValueTemplate = topic, template(key)
	}
	return made
}

// widest is the largest bound that a browser represents exactly.
const widest = 1 << 53

// numberOf sets both bounds, whose defaults are 0 and 100. Home Assistant refuses a
// number that has only one value; it becomes a select.
func numberOf(c device.Command) component {
	low, high := int64(-widest), int64(widest)
	if c.Min != nil {
		low = *c.Min
	}
	if c.Max != nil {
		high = *c.Max
	}
	if low == high {
		return component{Platform: choice, Options: []string{strconv.FormatInt(low, 10)}}
	}
	return component{Platform: number, Min: &low, Max: &high}
}

// gone returns the announced entities, platforms by their keys, that no longer exist.
func gone(announced map[string]string, now map[string]component) map[string]string {
	gone := map[string]string{}
	for key, platform := range announced {
		if _, stays := now[key]; !stays {
			gone[key] = platform
		}
	}
	return gone
}
