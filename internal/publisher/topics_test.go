package publisher

import (
	"strings"
	"testing"
)

// Reserved names get a _, and the cache is bounded.
func TestTopics(t *testing.T) {
	topics := newTopics("devices/uno")
	for name, want := range map[string]string{
		"temperature": "devices/uno/temperature",
		"status":      "devices/uno/status_", "set": "devices/uno/set_",
		"result": "devices/uno/result_", "late": "devices/uno/late_",
		"late_": "devices/uno/late__", "later": "devices/uno/later",
		"a/b+c#\x00": "devices/uno/a_b_c__",
	} {
		for range 2 {
			if got := topics.reading(name); got != want {
				t.Errorf("%q: %s, want %s", name, got, want)
			}
		}
	}
	for i := range 2 * maxTopics {
		topics.reading(strings.Repeat("x", i+1))
	}
	if n := len(topics.readings); n > maxTopics {
		t.Errorf("%d topics cached", n)
	}
	if got := ResultTopic("devices/uno", "led"); got != "devices/uno/result/led" {
		t.Error(got)
	}
}
