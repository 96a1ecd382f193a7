package lineformat

import (
	"strings"
	"unicode/utf8"
)

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
	"W", "mW", "kW", "Wh", "mWh", "kWh", "VA", "kVA", "var", "kvar", "kvarh", "GJ",
	"Ω", "kΩ", "MΩ", "ohm", "ohms", "Ohm", "Ohms", "kOhm", "kOhms", "KOhms",
	"Hz", "kHz", "MHz",
	// pressure
	"Pa", "hPa", "kPa", "MPa", "mbar", "bar", "psi", "atm", "mmHg", "inHg",
	// light, magnetism, radiation
	"lx", "lux", "lm", "µT", "μT", "uT", "mT", "µSv/h", "μSv/h", "uSv/h", "cpm", "CPM",
	// length, mass, volume, flow
	"mm", "cm", "m", "km", "in", "inch", "inches", "ft",
	"mg", "g", "kg", "lb", "lbs", "oz",
	"ml", "mL", "l", "L", "m³", "m3", "l/min", "L/min", "l/h", "L/h", "mL/s", "mL/min", "L/s",
	// density, conductivity
	"µg/m³", "μg/m³", "ug/m³", "µg/m3", "μg/m3", "ug/m3", "mg/m³", "mg/m3", "g/m³", "g/m3",
	"µS/cm", "μS/cm", "uS/cm", "mS/cm",
	// time
	"µs", "μs", "us", "ms", "s", "sec", "secs", "seconds", "min", "minutes", "h", "hours",
	// motion and angle
	"m/s", "km/h", "mph", "kn", "m/s²", "m/s^2", "m/s2", "°", "deg", "degrees", "rad",
	"°/s", "deg/s", "dps", "rad/s", "rpm", "RPM", "bpm", "BPM",
	// memory
	"bytes", "kB", "MB",
	// water, sun, noise
	"pH", "NTU", "mg/L", "W/m²", "dBA",
}

var units = func() map[string]string {
	m := make(map[string]string, len(Units))
	for _, u := range Units {
		m[u] = u
	}
	return m
}()

// canonical returns one spelling of a unit that is written in several ways.
func canonical(unit string) string {
	switch unit {
	case "C", "*C", "ºC", "℃", "degC", "deg C", "degrees C":
		return "°C"
	case "F", "*F", "ºF", "℉", "degF", "deg F", "degrees F":
		return "°F"
	}
	return unit
}

// unitAt returns the unit at the beginning of s, and its length; a break or the
// end must follow. If "deg" and "deg C" both fit, the longer one counts.
func unitAt(s string) (unit string, n int) {
	n = wordEnd(s)
	if n == 0 || s[n-1] == ':' || s[n-1] == '=' {
		return "", 0 // a name with its sign
	}
	if m := secondWord(s, n); m > 0 {
		if unit = unitOf(s[:m]); unit != "" {
			return unit, m
		}
	}
	if unit = unitOf(s[:n]); unit == "" {
		return "", 0
	}
	return unit, n
}

// secondWord returns the end of a second word that may belong to a unit whose first word
// ends at n, 0 if there is none: in "% Temp: 23" a name comes.
func secondWord(s string, n int) int {
	if n+1 >= len(s) || s[n] != ' ' || !isLetter(s[n+1]) && s[n+1] < utf8.RuneSelf {
		return 0
	}
	m := n + 1 + wordEnd(s[n+1:])
	if m > longestSpelling || s[m-1] == ':' || s[m-1] == '=' {
		return 0
	}
	return m
}

// unitOf returns the unit that is written as a word, with or without a point after it:
// "48.1 deg." and "101325.00Pa*" have one.
func unitOf(word string) string {
	if word == "" {
		return ""
	}
	if unit, ok := units[word]; ok {
		return unit
	}
	if unit := spellingAt(word); unit != "" {
		return unit
	}
	if last := word[len(word)-1]; last != '.' && last != '*' && last != '!' && last != ')' {
		return ""
	}
	word = strings.TrimRight(word, ".*!)")
	if unit, ok := units[word]; ok {
		return unit
	}
	return spellingAt(word)
}

// hexDigit reports whether the letter directly after a whole number is rather a hex
// digit: 1C, 0F, 12A. It is a unit only if the name says so: temperature=25C.
func hexDigit(name, number, unit string) bool {
	switch unit {
	case "A":
		return whole(number) && !isCurrent(name)
	case "C", "F":
		return whole(number) && !isHeat(name)
	}
	return false
}

func whole(number string) bool { return !strings.ContainsAny(number, ".+-") }

// isHeat and isCurrent report whether a name is that of a temperature or a current.
func isHeat(name string) bool {
	switch name {
	case "t", "tc", "tf", "ta", "to", "ti", "tin", "tout", "dht", "heat", "ds18b20":
		return true
	}
	return containsAny(name, "temp", "tmp", "suhu", "celsius", "fahrenheit", "heat", "dew", "therm", "ambient", "hotend", "bed", "온도", "温度") || strings.HasPrefix(name, "t_")
}

func isCurrent(name string) bool {
	switch name[strings.LastIndexByte(name, '_')+1:] {
	case "i", "a", "amp", "amps", "ampere", "amperes":
		return true
	}
	return containsAny(name, "current", "corrente", "corriente", "courant", "strom", "arus", "전류")
}

func containsAny(name string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
