package lineformat

import "strings"

// spellings are units as people write them, in lower case, and the unit that is
// published instead.
var spellings = spelled(map[string]string{
	"°C":  "celsius celcius centigrade °celsius degcelsius deg.c °c ^c 'c degrees_celsius degree_celsius deg_celsius degrees_c degree_c deg_c °_c º_c deg._c °С °с с° *С С grados_c grados_celsius grad_celsius grad_c graus_c graus_celsius derajat_c derajat_celcius",
	"°F":  "fahrenheit farenheit °fahrenheit deg.f °f ^f 'f degrees_fahrenheit degree_fahrenheit deg_fahrenheit degrees_f degree_f deg_f °_f º_f",
	"K":   "kelvin kelvins",
	"%":   "percent percentage pct %rh %r.h. %_rh %_r.h. %hum por_ciento por_cento persen prozent yüzde",
	"ppm": "ppm", "ppb": "ppb", "dB": "db decibel decibels", "dBm": "dbm", "dBA": "dba db(a)",
	"lx": "lux luxes лк", "lm": "lumen lumens",
	"V": "volt volts voltios В", "mV": "mv millivolt millivolts мВ", "A": "amp amps ampere amperes amperios А", "mA": "ma milliamp milliamps мА",
	"W": "watt watts vatios Вт", "kW": "kw кВт", "Wh": "wh", "kWh": "kwh", "kvar": "kvar", "kvarh": "kvarh", "W/m²": "w/m2 w/m^2 w/m²",
	"Ω": "ohm ohms", "kΩ": "kohm kohms k_ohm k_ohms kΩ kω", "Hz": "hz hertz", "kHz": "khz", "MHz": "mhz",
	"Pa": "pa pascal pascals Па", "hPa": "hpa гПа", "kPa": "kpa кПа", "mbar": "mb mbar mbars millibar millibars", "bar": "bars", "psi": "psi", "atm": "atmospheres",
	"mmHg": "mmhg mm_hg мм_рт.ст. мм.рт.ст.", "inHg": "inhg in_hg",
	"mm": "mm мм millimeter millimeters millimetre millimetres", "cm": "cm cms см centimeter centimeters centimetre centimetres",
	"m": "м metros meter meters metre metres mtr mtrs m_asl", "km": "km kms kilometer kilometers", "in": "inch inches", "ft": "feet foot",
	"g": "г gramos gramas gm gms gr gram grams", "kg": "кг kg kgs kilogram kilograms kilo", "lb": "pound pounds",
	"ml": "мл ml milliliter milliliters", "L": "liter liters litre litres ltr litro litros", "mL/s": "ml/s ml/sec", "mL/min": "ml/min", "L/s": "l/s l/sec", "L/min": "l/min lpm л/мин l/minute", "L/h": "l/h l/hr l/hour",
	"µg/m³": "ug/m3 ug/m^3 µg/m^3 μg/m^3 ug/m³", "mg/m³": "mg/m^3 mg/m3", "mg/L": "mg/l", "NTU": "ntu", "pH": "ph",
	"µS/cm": "us/cm µs/cm μs/cm", "mS/cm": "ms/cm",
	"s": "сек sekunden detik sec second seconds segundos", "ms": "мс msec msecs millisec millis millisecond milliseconds", "µs": "usec microseconds microsecond",
	"min": "minuten minutos menit мин mins minute minutes", "h": "horas stunden jam hr hrs hour hours", "d": "day days",
	"m/s": "м/с m/sec m/dt", "km/h": "km/h kmh kmph kph km/hr", "mph": "mph", "kn": "knot knots kts",
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
