package mqttbridge

import (
	"log/slog"
	"strings"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
)

// A command is what follows set/ in its topic.
func TestCommandOf(t *testing.T) {
	const none = "none"
	for topic, want := range map[string]string{
		"devices/uno/set/led":      "led",
		"devices/uno/set":          "",
		"devices/uno/set/":         "",
		"devices/uno/set/led/deep": "led/deep",
		"devices/uno/set/+":        none,
		"devices/uno/settle":       none,
		"devices/unos/set/led":     none,
		"other":                    none,
	} {
		got, ok := commandOf("devices/uno", topic)
		if ok != (want != none) || ok && got != want {
			t.Errorf("%s: %q %t", topic, got, ok)
		}
	}
}

// A command whose result no topic could hold is not passed on, and the log has only an
// excerpt of its name.
func TestSession_NameTooLongForItsResult(t *testing.T) {
	var log logtest.Log
	var got recorder
	s := New(deviceOptions(), nil, &got, slog.New(slog.NewTextHandler(&log, nil)))
	for _, length := range []int{65535, 65535 - len("devices/uno/result/")} {
		s.message(device.Message{Topic: "devices/uno/set/" + strings.Repeat("n", length), Payload: []byte("on"), Size: 2})
	}
	if all := got.got(); len(all) != 1 || len(ResultTopic("devices/uno", all[0].Command)) != 65535 {
		t.Errorf("%d commands", len(all))
	}
	if text := log.String(); len(text) > 400 || strings.Count(text, "too long") != 1 {
		t.Errorf("log of %d bytes", len(text))
	}
}

// The debug log has each message with its QoS and its flags, also one that is ignored.
func TestSession_LogsEachMessage(t *testing.T) {
	var log logtest.Log
	s := New(deviceOptions(), nil, nil, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	s.message(device.Message{Topic: "devices/uno/set/led", Payload: []byte("on"), Size: 2, QoS: 1, Retained: true, Duplicate: true})
	s.message(device.Message{Topic: "elsewhere", Size: 0})
	if log.Count("level=DEBUG", `msg="message received"`, "topic=devices/uno/set/led", "bytes=2 qos=1 retain=true dup=true") != 1 ||
		log.Count("topic=elsewhere", "bytes=0 qos=0 retain=false dup=false") != 1 {
		t.Error(&log)
	}
}
