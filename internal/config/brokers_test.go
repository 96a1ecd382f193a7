package config

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
)

// Each gateway begins at a place of its own, which stays the same; as_written keeps the
// list.
func TestConfig_BrokerOrder(t *testing.T) {
	var all []*url.URL
	for i := range 3 {
		all = append(all, &url.URL{Scheme: "mqtt", Host: fmt.Sprint("node", i)})
	}
	begun := map[*url.URL]int{}
	for i := range 300 {
		c := &Config{Gateway: Gateway{ID: fmt.Sprint("pi-", i)}, MQTT: MQTT{Brokers: all}}
		got := c.BrokerOrder()
		if again := c.BrokerOrder(); !slices.Equal(again, got) {
			t.Fatalf("%v, then %v", got, again)
		}
		first := slices.Index(all, got[0])
		if want := slices.Concat(all[first:], all[:first]); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		begun[got[0]]++
		c.MQTT.AsWritten = true
		if got := c.BrokerOrder(); !slices.Equal(got, all) {
			t.Fatalf("as written: %v", got)
		}
	}
	for u, n := range begun {
		if n < 70 || n > 130 {
			t.Errorf("%d of 300 gateways begin at %s", n, u)
		}
	}
}
