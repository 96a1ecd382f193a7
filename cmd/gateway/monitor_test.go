package main

import (
	"strings"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
)

// Each kind of event is one line.
func TestEventText(t *testing.T) {
	temperature := device.Reading{Name: "t", Value: "23.5", Unit: "°C"}
	for want, e := range map[string]monitor.Event{
		"< t: 23.5 °C   [t=23.5°C]":            {Kind: monitor.In, Text: "t: 23.5 °C", Readings: []device.Reading{temperature}},
		`< t: 23.5 \xb0C   [t=23.5°C]`:         {Kind: monitor.In, Text: "t: 23.5 \xb0C", Readings: []device.Reading{temperature}},
		"< t=99   []  ! t=23.5°C above max 20": {Kind: monitor.In, Text: "t=99", Withheld: []device.Withheld{{Reading: temperature, Why: "above max 20"}}},
		"< 0x08ff   ! byte 1":                  {Kind: monitor.Refused, Text: "\x08\xff", Error: "byte 1"},
		"< DHT22 ready   ! no":                 {Kind: monitor.Refused, Text: "DHT22 ready", Error: "no"},
		"> led=on":                             {Kind: monitor.Out, Text: "led=on"},
		"- port open":                          {Kind: monitor.Note, Text: "port open"},
	} {
		if _, got, _ := strings.Cut(eventText(e), " "); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
