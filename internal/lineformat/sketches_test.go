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

		"ax,ay,az: 0.12,-0.05,9.78":     "ax `0.12`, ay `-0.05`, az `9.78`",
		"Roll/Pitch/Yaw: 12.3/-4.5/6.7": "roll `12.3`, pitch `-4.5`, yaw `6.7`",
		"Temp/Hum = 23.5 C / 48 %":      "temp `23.5` (C), hum `48` (%)",
		"(x, y) = (12, 34)":             "x `12`, y `34`",
		"WiFi connected, RSSI: -61":     "rssi `-61`",
		"Acc(g): X=0.12, Y=-0.05":       "acc_g_x `0.12`, acc_g_y `-0.05`",
		"[x=12, y=34]":                  "x `12`, y `34`",
		"Status: 0x3F Temp: 23.5":       "temp `23.5`",

		// numbers after words
		"Analog input 0 is 512":     "analog_input_0 `512`",
		"Wrote 123 bytes in 45 ms":  `refused: not a JSON object, pairs or numbers: "Wrote 123 bytes in 45 ms"`,
		"Grbl 1.1h ['$' for help]":  `refused: not a JSON object, pairs or numbers: "Grbl 1.1h ['$' for help]"`,
		"Temp 23.5 C  Hum 48 %  OK": "temp `23.5` (C), hum `48` (%)",

		// dates and tables
		"2026-11-30 12:30:05, 23.5, 48": "value_2 `23.5`, value_3 `48`",
		"2026-11-30T12:30:05Z,23.5,48":  "value_2 `23.5`, value_3 `48`",
		"30/11/2026,12:30:05,23.5,48":   "value_3 `23.5`, value_4 `48`",
		"2026-11-30 12:30:05 23.5 48":   "value_1 `23.5`, value_2 `48`",
		"| Temp: 23.5 | Hum: 48 |":      "temp `23.5`, hum `48`",
		"| 23.5 | 48 |":                 "value_1 `23.5`, value_2 `48`",

		// meters and plugs
		"1-0:1.8.1(001234.567*kWh)":               "1_0_1_8_1 `001234.567` (kWh)",
		"0-1:24.2.1(261130120000W)(00123.456*m3)": "0_1_24_2_1 `00123.456` (m3)",
		"1.8.0(001234.567*kWh)":                   "1_8_0 `001234.567` (kWh)",
		"1-3:0.2.8(50)":                           `refused: after "1-3:": "0.2.8(50)" is not a number, on, off, true or false`,
		`00:00:12 MQT: tele/plug/SENSOR = {"DHT11":{"Temperature":23.5}}`: "dht11_temperature `23.5`",

		// other languages
		"Расстояние: 34 см":                                   "расстояние `34` (cm)",
		"Temperatura: 23.50 grados C, Humedad: 48 por ciento": "temperatura `23.50` (°C), humedad `48` (%)",

		// logs and messages
		"I (312) example: ADC1 Channel[6] Raw Data: 1832":       "adc1_channel_6_raw_data `1832`",
		"[  1234][I][main.cpp:45] loop(): Temp: 23.5":           "temp `23.5`",
		"[12:30:05][D][switch:036]: 'Relay': Sending state OFF": "relay `OFF`",
		"echo: Free Memory: 3692  PlannerBufferBytes: 1232":     "free_memory `3692`, plannerbufferbytes `1232`",
		"Received: T=23.5;H=48 RSSI=-45":                        "t `23.5`, h `48`, rssi `-45`",
		"WiFi connected, IP 192.168.1.5, RSSI -61 dBm":          "rssi `-61` (dBm)",

		// data is no part of a name
		"#17: 23.50":                         `refused: no name before "#17: 23.50"`,
		"512 = 2.50V":                        `refused: no name before "512 = 2.50V"`,
		"[PRB:0.000,0.000,1.492:1]":          "prb `0.000`, prb_2 `0.000`",
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
