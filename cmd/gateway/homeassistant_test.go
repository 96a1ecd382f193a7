//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// discovered has the parts of a discovery message that this test checks.
type discovered struct {
	Availability []struct {
		Topic string `json:"t"`
	} `json:"avty"`
	Entities map[string]struct {
		Platform     string `json:"p"`
		StateTopic   string `json:"stat_t"`
		CommandTopic string `json:"cmd_t"`
		On           string `json:"pl_on"`
		Unit         string `json:"unit_of_meas"`
		Template     string `json:"val_tpl"`
	} `json:"cmps"`
}

func configOf(device string) string { return "homeassistant/device/devices_" + device + "/config" }

// saying returns a condition: the last message contains all parts.
func saying(parts ...string) func([]string) bool {
	return func(got []string) bool {
		return len(got) > 0 && !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(got[len(got)-1], part) })
	}
}

// TestHomeAssistant_LearnsFromWhatIsRetained does what Home Assistant does: it learns
// about a board from retained messages alone, and switches its lamp with what it
// learned.
func TestHomeAssistant_LearnsFromWhatIsRetained(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.mqtt = ", discovery: homeassistant"
	greenhouse := simulator.New(t, simulator.Spec{Name: "greenhouse", Every: 50 * time.Millisecond, Line: "temperature=23.50 °C,led={led}",
		State: []simulator.Variable{{Name: "led", Value: "off"}}, Commands: []simulator.Command{{On: "led={value}", Set: "led"}}})
	goes := simulator.New(t, numbered("goes", 50*time.Millisecond, 0))
	const lamp = "  greenhouse: {port: %q, silence: 60s, commands: {led: {type: bool}, pwm: {type: int}}}\n"
	stop := r.start(fmt.Sprintf(lamp, greenhouse.Path()) + devicesFor(goes))
	r.await(configOf("goes"), saying("sensor_n"))
	got := r.await(configOf("greenhouse"), saying("sensor_temperature", `"devices/greenhouse/led"`))

	var message discovered
	if err := json.Unmarshal([]byte(got[len(got)-1]), &message); err != nil {
		t.Fatal(err)
	}
	for _, a := range message.Availability {
		r.await(a.Topic, ending("online"))
	}
	temperature, led := message.Entities["sensor_temperature"], message.Entities["switch_led"]
	if temperature.Unit != "°C" || len(message.Entities) != 3 {
		t.Errorf("%+v", message)
	}
	r.await(temperature.StateTopic, ending("23.50"))
	r.publish(led.CommandTopic, led.On)
	r.await(led.StateTopic, ending("on"))

	before := r.heard.count(configOf("goes"))
	r.publish("homeassistant/status", "online")
	r.await(configOf("goes"), some(before+1))
	want := r.heard.on(configOf("greenhouse"))
	if want[len(want)-1] != got[len(got)-1] {
		t.Errorf("%s\nbecame %s", got[len(got)-1], want[len(want)-1])
	}

	// A restart changes nothing. A reading that was removed from devices.yaml is
	// withdrawn.
	stop()
	before = r.heard.count(configOf("greenhouse"))
	greenhouse.Unplug() // so that nothing but the memory knows of its readings
	r.start(fmt.Sprintf(lamp, greenhouse.Path()))
	r.await(configOf("goes"), ending(""))
	again := r.await(configOf("greenhouse"), some(before+1))
	if again[before] != got[len(got)-1] {
		t.Errorf("%s\nbecame %s", got[len(got)-1], again[before])
	}

	// So is a command after a reload, and the topics follow payload.
	r.mqtt += ", payload: json"
	r.configure(fmt.Sprintf(strings.Replace(lamp, ", pwm: {type: int}", "", 1), greenhouse.Path()))
	r.await(configOf("greenhouse"), saying(`"number_pwm":{"p":"number"}`, `value_json['temperature']`, `"stat_t":"devices/greenhouse",`))
	if kept := r.retained(); strings.Contains(kept, "goes") || !strings.Contains(kept, configOf("greenhouse")+` {"dev":`) {
		t.Errorf("retained:\n%s", kept)
	}

	r.mqtt = ""
	r.configure(fmt.Sprintf(lamp, greenhouse.Path()))
	r.await(configOf("greenhouse"), ending(""))
}
