package config

import "strings"

// Keys whose capability is still to come. They are read and checked, and then
// warned of: nothing is accepted and ignored. Whoever builds one deletes its
// entry here.
var (
	laterKeys = []string{"spool.max_size", "spool.sync"}

	laterDeviceKeys = []string{"silence"}

	laterReadingKeys = []string{"unit", "device_class", "min", "max"}

	laterPorts = []string{"usb:", "usb-path:", "tcp://", "rfc2217://"}
)

const notYet = "not available yet"

func (r *reader) warnOfLater() {
	for _, key := range laterKeys {
		r.warnIf(r.Has(key), key)
	}
	r.warnIf(r.config.MQTT.LateAfter > 0, "mqtt.late_after")
	r.warnIf(r.Has("http.listen") && r.config.HTTP.Listen != "", "http.listen")
	for _, d := range r.config.Devices {
		r.warnOfLaterIn("devices."+d.ID, d.Port)
	}
}

func (r *reader) warnOfLaterIn(key, port string) {
	for _, name := range laterDeviceKeys {
		r.warnIf(r.Has(key+"."+name), key+"."+name)
	}
	for _, kind := range laterPorts {
		if strings.HasPrefix(port, kind) {
			r.WarnAt(key+".port", "ports "+kind+" are "+notYet+": this device stays offline", "use a path such as /dev/ttyACM0")
		}
	}
	for _, d := range r.config.Devices {
		if key != "devices."+d.ID {
			continue
		}
		for name := range d.Readings {
			for _, what := range laterReadingKeys {
				at := key + ".readings." + name + "." + what
				r.warnIf(r.Has(at), at)
			}
		}
	}
}

func (r *reader) warnIf(later bool, key string) {
	if later {
		r.WarnAt(key, notYet, "")
	}
}
