package homeassistant

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceclass"
)

// docs/homeassistant.md shows the message and the classes as they are.
func TestDocs_HomeAssistant(t *testing.T) {
	text, err := os.ReadFile("../../docs/homeassistant.md")
	if err != nil {
		t.Fatal(err)
	}
	d := Announcement{ID: "greenhouse", Topics: topics("devices/greenhouse", false), Silence: time.Minute,
		Readings: map[string]device.ReadingSpec{"humidity": {DeviceClass: "humidity"}},
		Commands: map[string]device.Command{
			"led": {Name: "led", Type: device.Bool}, "pwm": {Name: "pwm", Type: device.Int, Min: at(int64(0)), Max: at(int64(255))}}}
	found := map[string]traits{"temperature": {Unit: "°C"}, "humidity": {}, "led": {Text: true}}
	_, rest, _ := strings.Cut(string(text), "```json\n")
	shown, _, _ := strings.Cut(rest, "```")
	var got, want any
	if err := json.Unmarshal([]byte(shown), &got); err != nil {
		t.Fatal(err)
	}
	message := payload(d, "v1.0.0", components(d, found), nil)
	if err := json.Unmarshal(message, &want); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the message is %s", message)
	}
	if list := "`" + strings.Join(deviceclass.Names(), "`, `") + "`."; !strings.Contains(string(text), "The classes are "+list) {
		t.Errorf("the classes are %s", list)
	}
}
