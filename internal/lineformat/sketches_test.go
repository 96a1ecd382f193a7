package lineformat

import "testing"

// These are lines in the form of public sketches and libraries, with other values.
func TestParser_ReadsWhatSketchesPrint(t *testing.T) {
	for line, want := range map[string]string{
		// lists and repeated values
		"Location: 48.117300,11.516670  Date/Time: 11/30/2026 12:30:05.00": "location `48.117300`, location_2 `11.516670`",
		"RGB: 12,34,56 lux: 5":                        "rgb `12`, rgb_2 `34`, rgb_3 `56`, lux `5`",
		"Temp: 23, 10 cm depth: 22":                   "temp `23`",
		"Packet received: 23.5,48 RSSI: -45":          "packet_received `23.5`",
		"Flow: 1L/min\tQuantity: 23mL / 0L":           "flow `1` (L/min), quantity `23` (mL), quantity_2 `0` (L)",
		"Pressure: 101325.00 Pa (1013.25 hPa)":        "pressure `101325.00` (Pa), pressure_2 `1013.25` (hPa)",
		"Soil moisture: 512 (45%) Pump: OFF":          "soil_moisture `512`, soil_moisture_2 `45` (%), pump `OFF`",
		"Humidity: 48.00 % (±2%)":                     "humidity `48.00` (%)",
		"Battery: 3.98V (max 4.2V)":                   "battery `3.98` (V)",
		"1. Temperature: 23.5":                        "temperature `23.5`",
		"ML8511: 1.01 / UV Intensity (mW/cm^2): 0.12": "ml8511 `1.01`, uv_intensity_mw_cm_2 `0.12`",

		// logs and messages
		"I (312) example: ADC1 Channel[6] Raw Data: 1832":       "adc1_channel_6_raw_data `1832`",
		"[  1234][I][main.cpp:45] loop(): Temp: 23.5":           "temp `23.5`",
		"[12:30:05][D][switch:036]: 'Relay': Sending state OFF": "relay `OFF`",
		"echo: Free Memory: 3692  PlannerBufferBytes: 1232":     "free_memory `3692`, plannerbufferbytes `1232`",
		"Received: T=23.5;H=48 RSSI=-45":                        "t `23.5`, h `48`, rssi `-45`",
		"WiFi connected, IP 192.168.1.5, RSSI -61 dBm":          "rssi `-61` (dBm)",

		// data is no part of a name
		"#17: 23.50":                         `refused: no name before "#17: 23.50"`,
		"#17 T=23.50":                        "t `23.50`",
		"Measurement 17 - Temp: 23.5":        "temp `23.5`",
		"Server listening on 192.168.1.5:80": `refused: no name before "Server listening on 192.168.1.5:80"`,
		"after 12345 ms temp: 23.5":          `refused: no name before "after 12345 ms temp: 23.5"`,
		"RX: 01 03 04 00 20 01 32":           `refused: after "RX:": bytes in hex, not a reading: "01 03 04 00 20 01 32"`,
	} {
		if got := parse(Options{}, line); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
}
