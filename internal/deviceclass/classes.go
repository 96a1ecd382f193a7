package deviceclass

import (
	"maps"
	"slices"
)

// Class is a device class of sensors.
type Class struct {
	// Units are the allowed units; "" allows a value without unit, nil any unit.
	Units []string
	// Implied is the unit of values without one, such as % of humidity; "" if there
	// is none.
	Implied string
	// Text means that the values are not numbers. Such a class has no unit and no
	// StateClass.
	Text bool
	// StateClass is the one for values as boards print them; "" is none.
	StateClass string
}

// The state classes of Home Assistant.
const (
	Measurement     = "measurement"
	Total           = "total"
	TotalIncreasing = "total_increasing" // of a meter, which may start again at 0
)

var (
	pressures = []string{"Pa", "hPa", "kPa", "bar", "cbar", "mbar", "mmHg", "inHg", "psi"}
	energies  = []string{"J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"}
	volumes   = []string{"ft³", "CCF", "m³", "L", "mL", "gal", "fl. oz."}
	speeds    = []string{"Beaufort", "ft/s", "in/s", "m/s", "km/h", "kn", "mph", "mm/s"}
	fluxes    = []string{"in/d", "in/h", "mm/d", "mm/h"}
	perVolume = []string{"µg/m³"}
)

// classes are those of 2025.5. The micro sign is U+00B5, which older versions require
// and newer ones rewrite.
var classes = map[string]Class{
	"apparent_power":              measured("VA"),
	"aqi":                         measured(""),
	"area":                        measured("m²", "cm²", "km²", "mm²", "in²", "ft²", "yd²", "mi²", "ac", "ha"),
	"atmospheric_pressure":        measured(pressures...),
	"battery":                     always("%"),
	"blood_glucose_concentration": measured("mg/dL", "mmol/L"),
	"carbon_dioxide":              always("ppm"),
	"carbon_monoxide":             measured("ppm"),
	"conductivity":                measured("S/cm", "µS/cm", "mS/cm"),
	"current":                     measured("mA", "A"),
	"data_rate":                   measured("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "B/s", "kB/s", "MB/s", "GB/s", "KiB/s", "MiB/s", "GiB/s"),
	"data_size": measured("bit", "kbit", "Mbit", "Gbit", "B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB",
		"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"),
	"date":                             {Text: true},
	"distance":                         measured("mm", "cm", "m", "km", "in", "ft", "yd", "mi", "nmi"),
	"duration":                         measured("d", "h", "min", "s", "ms"),
	"energy":                           counted(energies...),
	"energy_distance":                  measured("kWh/100km", "mi/kWh", "km/kWh"),
	"energy_storage":                   measured(energies...),
	"enum":                             {Text: true},
	"frequency":                        measured("Hz", "kHz", "MHz", "GHz"),
	"gas":                              counted("CCF", "ft³", "m³"),
	"humidity":                         always("%"),
	"illuminance":                      always("lx"),
	"irradiance":                       measured("W/m²", "BTU/(h⋅ft²)"),
	"moisture":                         always("%"),
	"monetary":                         {StateClass: Total}, // any currency
	"nitrogen_dioxide":                 measured(perVolume...),
	"nitrogen_monoxide":                measured(perVolume...),
	"nitrous_oxide":                    always("µg/m³"),
	"ozone":                            measured(perVolume...),
	"ph":                               measured(""),
	"pm1":                              always("µg/m³"),
	"pm10":                             always("µg/m³"),
	"pm25":                             always("µg/m³"),
	"power":                            measured("mW", "W", "kW", "MW", "GW", "TW"),
	"power_factor":                     measured("%", ""),
	"precipitation":                    counted("in", "mm", "cm"),
	"precipitation_intensity":          measured(fluxes...),
	"pressure":                         measured(pressures...),
	"reactive_power":                   measured("var", "kvar"),
	"signal_strength":                  measured("dB", "dBm"),
	"sound_pressure":                   measured("dB", "dBA"),
	"speed":                            measured(slices.Concat(speeds, fluxes)...),
	"sulphur_dioxide":                  measured(perVolume...),
	"temperature":                      measured("°C", "°F", "K"),
	"timestamp":                        {Text: true},
	"volatile_organic_compounds":       measured(perVolume...),
	"volatile_organic_compounds_parts": measured("ppm", "ppb"),
	"voltage":                          measured("µV", "mV", "V", "kV", "MV"),
	"volume":                           counted(volumes...),
	"volume_flow_rate":                 measured("m³/h", "m³/s", "ft³/min", "L/h", "L/min", "L/s", "gal/min", "mL/s"),
	"volume_storage":                   measured(volumes...),
	"water":                            counted("CCF", "ft³", "m³", "gal", "L"),
	"weight":                           measured("g", "kg", "mg", "µg", "oz", "lb", "st"),
	"wind_direction":                   {Units: []string{"°"}, Implied: "°"}, // its state class came and went between versions
	"wind_speed":                       measured(speeds...),
}

func measured(units ...string) Class { return Class{Units: units, StateClass: Measurement} }
func always(unit string) Class {
	return Class{Units: []string{unit}, Implied: unit, StateClass: Measurement}
}
func counted(units ...string) Class { return Class{Units: units, StateClass: TotalIncreasing} }

// Find returns the class with this name.
func Find(name string) (Class, bool) {
	c, ok := classes[name]
	return c, ok
}

// Names returns the names of all classes, sorted.
func Names() []string { return slices.Sorted(maps.Keys(classes)) }

// Allows reports whether values of the class may have the unit, as Unit spells it; ""
// means without a unit.
func (c Class) Allows(unit string) bool {
	if c.Text {
		return unit == ""
	}
	return c.Units == nil || slices.Contains(c.Units, unit)
}
