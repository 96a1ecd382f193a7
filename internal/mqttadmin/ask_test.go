package mqttadmin

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
	"arduino-gateway/mqttbridge"
)

// answering returns a session that publishes these results when its first command
// comes, that command, and the options for Ask.
func answering(t *testing.T, results ...device.Result) (s *session, command <-chan device.Message, o mqttbridge.Options) {
	t.Helper()
	broker := mosquittotest.Start(t)
	o = deviceOptions(broker.URL())
	s = run(t, o)
	mqtttest.Eventually(t, "the subscription", func() bool { return s.Stats().Subscribed })
	first := make(chan device.Message, 1)
	go func() {
		select {
		case m := <-s.commands:
			first <- m
		case <-t.Context().Done():
			return
		}
		for _, result := range results {
			s.Result("led", result, nil)
		}
	}()
	return s, first, o
}

// Ask returns the result as published and leaves the session connected.
func TestAsk_ReturnsTheResult(t *testing.T) {
	s, command, o := answering(t, device.Result{Status: device.Rejected, Error: `"dim" is not on or off`})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := Ask(ctx, o, "led", "dim")
	if err != nil || answer.Status != device.Rejected || answer.Error != `"dim" is not on or off` {
		t.Errorf("%+v %v", answer, err)
	}
	if m := <-command; string(m.Payload) != "dim" || m.Retained {
		t.Errorf("%+v", m)
	}
	if s.Stats().Losses > 0 {
		t.Error("asking took the session over")
	}
}

// Other clients may send the same command at the same time.
func TestAsk_IgnoresResultsOfOtherValues(t *testing.T) {
	_, _, o := answering(t, device.Result{Status: device.Sent, Value: "off"}, device.Result{Status: device.Done, Value: "on"})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if answer, err := Ask(ctx, o, "led", "TRUE"); err != nil || answer.Status != device.Done {
		t.Errorf("%s %v", answer.Payload, err)
	}
}

// A result concerns the value as sent and in its canonical form.
func TestConcerns(t *testing.T) {
	for _, c := range []struct {
		sent, result string
		want         bool
	}{
		{"on", `{"status":"done","value":"on"}`, true},
		{"1", `{"status":"done","value":"on"}`, true},
		{"+7", `{"status":"done","value":"7"}`, true},
		{"+7", `{"status":"rejected","value":"+7"}`, true},
		{"\xff", `{"status":"rejected"}`, true},
		{"on", `no JSON`, true},
		{"on", `{"status":"done","value":"off"}`, false},
		{"7", `{"status":"done","value":"8"}`, false},
		{"", `{"status":"done","value":"8"}`, false},
	} {
		if got := concerns([]byte(c.result), c.sent); got != c.want {
			t.Errorf("%q, %s: %v", c.sent, c.result, got)
		}
	}
}

// Without the right to read results, Ask says so: at once if the broker refuses the
// subscription, and after the wait if it drops the result without a word, as mosquitto
// does.
func TestAsk_WithoutRights(t *testing.T) {
	sink := mqtttest.NewSink(t)
	sink.Granted = 0x80
	published := make(chan []byte, 10)
	sink.Publish = func(body []byte) { published <- body }
	_, err := Ask(t.Context(), deviceOptions(sink.Start(t).URL()), "led", "on")
	if want := "not sent: the broker refuses the subscription to devices/uno/result/led (hint: let this user read it"; err == nil || !strings.Contains(err.Error(), want) || len(published) > 0 {
		t.Errorf("%v, %d messages", err, len(published))
	}

	const all = "user gateway\ntopic readwrite #\n"
	for rights, want := range map[string]string{
		"topic write devices/+/set/#\ntopic read devices/+/status": "the device is online, so the broker's access rules may drop the command or its result: let this user write devices/uno/set/led and read devices/uno/result/led",
		"topic write devices/+/set/#":                              "is `gateway run` running, and connected to this broker? may this user read devices/uno/result/led and devices/uno/status?",
	} {
		rules := filepath.Join(t.TempDir(), "rules")
		if err := os.WriteFile(rules, []byte(all+"user remote\n"+rights+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		broker := mosquittotest.Start(t, "acl_file "+rules)
		own := deviceOptions(broker.URL())
		own.Username = "gateway"
		s := run(t, own)
		s.SetOnline(true)
		broker.WaitLog("'devices/uno/status', ... (6 bytes)")
		o := own
		o.Username = "remote"
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := Ask(ctx, o, "led", "on")
		cancel()
		missing, ok := errors.AsType[*NoResultError](err)
		if !ok || !strings.Contains(err.Error(), want) || len(s.commands) != 1 {
			t.Errorf("%v, %d commands, want %q", err, len(s.commands), want)
		}
		missing.Received = true
		if want := "the gateway received the command, so the broker does not deliver the result"; !strings.Contains(missing.Error(), want) {
			t.Error(missing)
		}
	}
}

// Ask returns when ctx ends, for bad names, and if the broker is away.
func TestAsk_Fails(t *testing.T) {
	broker := mosquittotest.Start(t)
	o := deviceOptions(broker.URL())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Ask(ctx, o, "led", "on"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	for _, name := range []string{"", "a/b", "+", "#"} {
		if _, err := Ask(t.Context(), o, name, "on"); err == nil {
			t.Errorf("%q asked", name)
		}
	}
	broker.Stop()
	if _, err := Ask(t.Context(), o, "led", "on"); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
	if _, err := parseAnswer([]byte("no JSON")); err == nil {
		t.Error("a result that is not JSON was accepted")
	}
}
