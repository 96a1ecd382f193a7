package mqttconn

import (
	"net/url"
	"strings"
	"testing"

	"arduino-gateway/internal/mqtttest"
)

// The length of a packet is a number of 28 bits.
func TestCheckPublish_Length(t *testing.T) {
	const most = 1<<28 - 1 - len("\x00\x01t\x80\x00")
	if err := CheckPublish("t", most); err != nil {
		t.Error(err)
	}
	if err := CheckPublish("t", most+1); err == nil || err.Error() != "the message has 268435456 bytes, and MQTT allows 268435455" {
		t.Error(err)
	}
}

// What no packet can have is an error, and nothing of it reaches the broker.
func TestConn_Unsayable(t *testing.T) {
	sink := mqtttest.NewSink(t)
	sink.Publish = func(body []byte) { t.Errorf("%.100q was published", body) }
	c := dial(t, sink.Start(t).URL(), testOptions())
	long := strings.Repeat("x", 1<<16)
	for _, topic := range []string{"", long, "a\x00", "a\xff"} {
		if err := c.Publish(t.Context(), c.times.Answer, topic, "", false); err == nil {
			t.Errorf("published on %.10q", topic)
		}
		if err := c.Clear(t.Context(), []string{topic}); err == nil {
			t.Errorf("cleared %.10q", topic)
		}
		if _, err := c.Subscribe(t.Context(), topic); err == nil {
			t.Errorf("subscribed to %.10q", topic)
		}
		if err := c.SubscribeAll(t.Context(), "a", topic); err == nil {
			t.Errorf("subscribed to %.10q", topic)
		}
	}
	if err := c.Publish(t.Context(), c.times.Answer, "a/+", "", false); err == nil {
		t.Error("published on a wildcard")
	}
	if err := c.SubscribeAll(t.Context(), "a/+"); err != nil {
		t.Error(err)
	}
}

// An option that no CONNECT can have is named before anything is sent.
func TestDial_Unsayable(t *testing.T) {
	nowhere, long := &url.URL{Scheme: "mqtt", Host: "127.0.0.1:1"}, strings.Repeat("x", 1<<16)
	for want, tune := range map[string]func(*Options){
		"the client ID has 65536 bytes, and MQTT allows 65535": func(o *Options) { o.ClientID = long },
		"the user name is not UTF-8":                           func(o *Options) { o.Username = "\xff" },
		"the password has 65536 bytes, and MQTT allows 65535":  func(o *Options) { o.Password = long },
		"the topic contains +, # or NUL":                       func(o *Options) { o.WillTopic = "a/#" },
	} {
		o := testOptions()
		tune(&o)
		if _, err := Dial(t.Context(), nowhere, o); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
