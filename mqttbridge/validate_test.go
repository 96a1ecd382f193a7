package mqttbridge

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func broker(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Each rule has its own message; everything at its bounds is valid.
func TestOptions_Validate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"defaults":            {func(*Options) {}, ""},
		"all set":             {allSet, ""},
		"no broker":           {func(o *Options) { o.Brokers = nil }, "Brokers: empty (hint: one URL or more, such as mqtt://127.0.0.1:1883)"},
		"nil broker":          {func(o *Options) { o.Brokers = append(o.Brokers, nil) }, "Brokers[1]: nil"},
		"scheme":              {func(o *Options) { o.Brokers[0] = broker(t, "tcp://b:1883") }, `Brokers[0]: unknown scheme "tcp" (hint: mqtt, mqtts, ws, wss)`},
		"no host":             {func(o *Options) { o.Brokers[0] = broker(t, "mqtt://:1883") }, `Brokers[0]: no host in "mqtt://:1883"`},
		"no client ID":        {func(o *Options) { o.ClientID, o.CleanSession = "", false }, "ClientID: empty, with CleanSession false (hint: a broker keeps a session under its client ID)"},
		"no user":             {func(o *Options) { o.Password = "secret" }, "Username: empty, with a Password"},
		"protocol":            {func(o *Options) { o.Protocol = 5 }, "Protocol: 5 (hint: Protocol31 or Protocol311)"},
		"bind address":        {func(o *Options) { o.BindAddress = "eth0" }, `BindAddress: "eth0" is not an IP address`},
		"keep-alive":          {func(o *Options) { o.KeepAlive = 1500 * time.Millisecond }, "KeepAlive: 1.5s (hint: whole seconds up to 65535)"},
		"long keep-alive":     {func(o *Options) { o.KeepAlive = 65536 * time.Second }, "KeepAlive: 18h12m16s (hint: whole seconds up to 65535)"},
		"negative keep-alive": {func(o *Options) { o.KeepAlive = -time.Second }, "KeepAlive: -1s (hint: whole seconds up to 65535)"},
		"reconnect":           {func(o *Options) { o.ReconnectMin = time.Minute }, "ReconnectMin: 1m0s (hint: not negative, and at most ReconnectMax, 10s)"},
		"late":                {func(o *Options) { o.LateAfter = -1 }, "LateAfter: -1ns is negative"},
		"QoS":                 {func(o *Options) { o.QoS = 2 }, "QoS: 2 (hint: 0 or 1)"},
		"payload":             {func(o *Options) { o.Payload = "xml" }, `Payload: "xml" (hint: value, json or both)`},
		"inflight":            {func(o *Options) { o.MaxInflight = 10_001 }, "MaxInflight: 10001 (hint: up to 10000)"},
		"wildcard":            {func(o *Options) { o.Topic = "devices/+" }, `Topic: "devices/+" has a wildcard or a NUL`},
		"status topic":        {func(o *Options) { o.StatusTopic = "#" }, `StatusTopic: "#" has a wildcard or a NUL`},
		"no UTF-8":            {func(o *Options) { o.Listen = "\xff" }, `Listen: "\xff" is not UTF-8`},
		"long topic":          {func(o *Options) { o.Topic = strings.Repeat("x", 65536) }, "Topic: 65536 bytes (hint: at most 65535)"},
		"two at a time":       {func(o *Options) { o.QoS, o.Listen = 3, "a\x00" }, "QoS: 3 (hint: 0 or 1)\n" + `Listen: "a\x00" has a wildcard or a NUL`},
	} {
		t.Run(name, func(t *testing.T) {
			o := deviceOptions(broker(t, "mqtt://127.0.0.1:1883"))
			c.change(&o)
			got := ""
			if err := o.Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// allSet leaves nothing at its default.
func allSet(o *Options) {
	*o = Options{Brokers: o.Brokers, ClientID: "", CleanSession: true, Username: "pi", Password: "secret",
		Protocol: Protocol31, KeepAlive: 65535 * time.Second, BindAddress: "::1", ReconnectMin: time.Second, ReconnectMax: time.Second,
		StatusTopic: "a/status", Topic: "a", Listen: "b", QoS: 1, Retain: true, Payload: PayloadBoth, MaxInflight: 10_000, LateAfter: time.Minute}
}
