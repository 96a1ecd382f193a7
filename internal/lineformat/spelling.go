package lineformat

import "strings"

// spellings are units as people write them, in lower case, and the unit that is
// published instead.
var spellings = spelled(map[string]string{
	"°C":  "celsius celcius centigrade °celsius degcelsius deg.c °c ^c 'c degrees_celsius degree_celsius deg_celsius degrees_c degree_c deg_c °_c º_c deg._c",
	"°F":  "fahrenheit farenheit °fahrenheit deg.f °f ^f 'f degrees_fahrenheit degree_fahrenheit deg_fahrenheit degrees_f degree_f deg_f °_f º_f",
	"K":   "kelvin kelvins",
	"%":   "percent percentage pct %rh %r.h. %_rh %_r.h. %hum",
	"ppm": "ppm", "ppb": "ppb", "dB": "db decibel decibels", "dBm": "dbm", "dBA": "dba db(a)",
	"lx": "lux luxes", "lm": "lumen lumens",
	"V": "volt volts", "mV": "mv millivolt millivolts", "A": "amp amps ampere amperes", "mA": "ma milliamp milliamps",
	"W": "watt watts", "kW": "kw", "Wh": "wh", "kWh": "kwh", "W/m²": "w/m2 w/m^2 w/m²",
	"Ω": "ohm ohms", "kΩ": "kohm kohms k_ohm k_ohms kΩ kω", "Hz": "hz hertz", "kHz": "khz", "MHz": "mhz",
	"Pa": "pa pascal pascals", "hPa": "hpa", "kPa": "kpa", "mbar": "mb mbar mbars millibar millibars", "bar": "bars", "psi": "psi", "atm": "atmospheres",
	"mmHg": "mmhg mm_hg", "inHg": "inhg in_hg",
	"mm": "mm millimeter millimeters millimetre millimetres", "cm": "cm cms centimeter centimeters centimetre centimetres",
	"m": "meter meters metre metres mtr mtrs m_asl", "km": "km kms kilometer kilometers", "in": "inch inches", "ft": "feet foot",
	"g": "gm gms gr gram grams", "kg": "kg kgs kilogram kilograms kilo", "lb": "pound pounds",
	"ml": "ml milliliter milliliters", "L": "liter liters litre litres ltr litro litros", "L/min": "l/min lpm l/minute", "L/h": "l/h l/hr l/hour",
	"µg/m³": "ug/m3 ug/m^3 µg/m^3 μg/m^3 ug/m³", "mg/m³": "mg/m^3 mg/m3", "mg/L": "mg/l", "NTU": "ntu", "pH": "ph",
	"µS/cm": "us/cm µs/cm μs/cm", "mS/cm": "ms/cm",
	"s": "sec second seconds segundos", "ms": "msec msecs millisec millis millisecond milliseconds", "µs": "usec microseconds microsecond",
	"min": "mins minute minutes", "h": "hr hrs hour hours", "d": "day days",
	"m/s": "m/sec", "km/h": "km/h kmh kmph kph km/hr", "mph": "mph", "kn": "knot knots kts",
	"m/s²": "m/s/s m/sec2 m/s^2 m/s2 m/s²", "°": "degree degs", "rad/s": "rad/sec", "°/s": "°/sec deg/sec degrees/s",
	"rpm": "rpm", "bpm": "bpm beats/min",
})

// spelled turns the table around; "_" stands for a space.
func spelled(table map[string]string) map[string]string {
	m := map[string]string{}
	for unit, words := range table {
		for word := range strings.FieldsSeq(words) {
			m[strings.ReplaceAll(word, "_", " ")] = unit
		}
	}
	return m
}

const longestSpelling = 20 // bytes

// spellingAt returns the unit for a word or two in any case, "" if they are none.
func spellingAt(word string) string {
	if len(word) < 2 || len(word) > longestSpelling {
		return ""
	}
	var lower [longestSpelling]byte
	for i := range len(word) {
		c := word[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	return spellings[string(lower[:len(word)])]
}
