package lineformat

import "strings"

// Units lists every unit that is split off a number, as boards write them;
// docs/lines.md shows the same list. Of the letters that Arduino prints as hex
// digits only A, C and F are in it: see hexDigit.
var Units = []string{
	// share and level
	"%", "%RH", "% RH", "ppm", "ppb", "dB", "dBm",
	// temperature; *C is how sketches write a degree sign in ASCII, º is the wrong one, often typed
	"°C", "°F", "C", "F", "K", "*C", "*F", "ºC", "ºF", "℃", "℉",
	"degC", "degF", "deg C", "deg F", "degrees C", "degrees F",
	// electricity
	"V", "mV", "µV", "μV", "uV", "kV", "A", "mA", "µA", "μA", "uA", "mAh", "Ah",
	"W", "mW", "kW", "Wh", "mWh", "kWh", "VA",
	"Ω", "kΩ", "MΩ", "ohm", "ohms", "Ohm", "Ohms", "kOhm", "kOhms", "KOhms",
	"Hz", "kHz", "MHz",
	// pressure
	"Pa", "hPa", "kPa", "MPa", "mbar", "bar", "psi", "atm", "mmHg", "inHg",
	// light, magnetism, radiation
	"lx", "lux", "lm", "µT", "μT", "uT", "mT", "µSv/h", "μSv/h", "uSv/h", "cpm", "CPM",
	// length, mass, volume, flow
	"mm", "cm", "m", "km", "in", "inch", "inches", "ft",
	"mg", "g", "kg", "lb", "lbs", "oz",
	"ml", "mL", "l", "L", "m³", "m3", "l/min", "L/min", "l/h", "L/h",
	// density, conductivity
	"µg/m³", "μg/m³", "ug/m³", "µg/m3", "μg/m3", "ug/m3", "mg/m³", "mg/m3", "g/m³", "g/m3",
	"µS/cm", "μS/cm", "uS/cm", "mS/cm",
	// time
	"µs", "μs", "us", "ms", "s", "sec", "secs", "seconds", "min", "minutes", "h", "hours",
	// motion and angle
	"m/s", "km/h", "mph", "kn", "m/s²", "m/s^2", "m/s2", "°", "deg", "degrees", "rad",
	"°/s", "deg/s", "dps", "rad/s", "rpm", "RPM", "bpm", "BPM",
	// memory
	"bytes",
}

var units = func() map[string]string {
	m := make(map[string]string, len(Units))
	for _, u := range Units {
		m[u] = u
	}
	return m
}()

// unitAt returns the unit at the beginning of s, and its length; a break or the
// end must follow. If "deg" and "deg C" both fit, the longer one counts.
func unitAt(s string) (unit string, n int) {
	n = wordEnd(s)
	unit, ok := units[s[:n]]
	if !ok {
		return "", 0
	}
	if n < len(s) && s[n] == ' ' {
		m := n + 1 + wordEnd(s[n+1:])
		if longer, ok := units[s[:m]]; ok && m > n+1 {
			return longer, m
		}
	}
	return unit, n
}

// hexDigit reports whether the unit directly after a number is rather a hex
// digit of it: 0F, 1024C. Up to three digits, as in 23C, are a temperature.
func hexDigit(number, unit string) bool {
	if unit != "A" && unit != "C" && unit != "F" {
		return false
	}
	return !strings.ContainsAny(number, ".+-") && (number[0] == '0' || len(number) > 3)
}
