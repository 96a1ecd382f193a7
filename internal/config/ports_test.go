package config

import "testing"

// A port can be written in several ways; the gateway uses one.
func TestReadPort(t *testing.T) {
	for text, want := range map[string]string{
		"/dev/ttyACM0": "/dev/ttyACM0", "COM3": "COM3", "/dev/my board": "/dev/my board", "./~/uno": "./~/uno",
		"usb:2341:0043": "usb:2341:0043", "USB:2341:0043:75A": "usb:2341:0043:75A", "Usb-Path:1-1.2": "usb-path:1-1.2",
		"tcp://esp:23": "tcp://esp:23", "TCP://ESP_1.local:23/": "tcp://ESP_1.local:23/", "rfc2217://192.0.2.1:4001": "rfc2217://192.0.2.1:4001",
		"tcp://[::1]:4001": "tcp://[::1]:4001", "tcp://[fe80::1%eth0]:4001": "tcp://[fe80::1%eth0]:4001",
		"tcp://[fe80::1%25eth0]:4001": "tcp://[fe80::1%eth0]:4001",
	} {
		if got, hint, ok := readPort(text); got != want || !ok {
			t.Errorf("%s: %s, %v (hint: %s)", text, got, ok, hint)
		}
	}
}
