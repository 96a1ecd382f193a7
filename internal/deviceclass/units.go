package deviceclass

// spellings are units as boards write them, with Home Assistant's spelling.
var spellings = map[string]string{
	"*C": "°C", "ºC": "°C", "℃": "°C", "C": "°C", "degC": "°C", "deg C": "°C", "degrees C": "°C",
	"*F": "°F", "ºF": "°F", "℉": "°F", "F": "°F", "degF": "°F", "deg F": "°F", "degrees F": "°F",
	"%RH": "%", "% RH": "%",
	"μV": "µV", "uV": "µV", "μA": "µA", "uA": "µA", "μT": "µT", "uT": "µT", "μs": "µs", "us": "µs",
	"μSv/h": "µSv/h", "uSv/h": "µSv/h", "μS/cm": "µS/cm", "uS/cm": "µS/cm",
	"μg/m³": "µg/m³", "ug/m³": "µg/m³", "µg/m3": "µg/m³", "μg/m3": "µg/m³", "ug/m3": "µg/m³",
	"mg/m3": "mg/m³", "g/m3": "g/m³", "m3": "m³",
	"lux": "lx", "inch": "in", "inches": "in", "lbs": "lb", "ml": "mL", "l": "L", "l/min": "L/min", "l/h": "L/h",
	"sec": "s", "secs": "s", "seconds": "s", "minutes": "min", "hours": "h", "bytes": "B",
	"m/s^2": "m/s²", "m/s2": "m/s²", "deg": "°", "degrees": "°", "deg/s": "°/s", "RPM": "rpm", "BPM": "bpm", "CPM": "cpm",
	"ohm": "Ω", "ohms": "Ω", "Ohm": "Ω", "Ohms": "Ω", "kOhm": "kΩ", "kOhms": "kΩ", "KOhms": "kΩ",
}

// Unit returns Home Assistant's spelling of a unit.
func Unit(unit string) string {
	if other, ok := spellings[unit]; ok {
		return other
	}
	return unit
}

// byUnit are the classes that a unit identifies: no other class has the unit, or the
// other is a special case of this one. Ambiguous units are missing: % may be humidity
// or charge, mm rain or a distance, dB a sound or a signal, kWh used or stored, g a
// weight or an acceleration, ° any angle.
var byUnit = map[string]string{
	"°C": "temperature", "°F": "temperature", "K": "temperature",
	"V": "voltage", "mV": "voltage", "µV": "voltage", "kV": "voltage",
	"A": "current", "mA": "current", "W": "power", "mW": "power", "kW": "power", "VA": "apparent_power",
	"Hz": "frequency", "kHz": "frequency", "MHz": "frequency",
	"Pa": "pressure", "hPa": "pressure", "kPa": "pressure", "mbar": "pressure", "bar": "pressure",
	"psi": "pressure", "mmHg": "pressure", "inHg": "pressure",
	"lx": "illuminance", "dBm": "signal_strength", "µS/cm": "conductivity", "mS/cm": "conductivity",
	"m": "distance", "km": "distance", "ft": "distance",
	"kg": "weight", "lb": "weight", "oz": "weight", "L/min": "volume_flow_rate", "L/h": "volume_flow_rate",
	"ms": "duration", "s": "duration", "min": "duration", "h": "duration",
	"m/s": "speed", "km/h": "speed", "mph": "speed", "kn": "speed", "B": "data_size",
}

// FromUnit returns the class that a unit, as a board writes it, identifies; "" if there
// is none. It does not guess.
func FromUnit(unit string) string {
	if unit == "%RH" || unit == "% RH" {
		return "humidity"
	}
	return byUnit[Unit(unit)]
}
