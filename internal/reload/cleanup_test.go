package reload

import (
	"fmt"
	"slices"
	"testing"
)

// What is left depends on what is known at the broker and on disk.
func TestCleanups_FindsWhatIsLeft(t *testing.T) {
	c := parse(t, base).Config // gateway gw; devices uno and due; nothing retained but the status
	now := topicsOf(c)
	if want := []Topic{{"devices/gateway/gw", "gw", true, false}, {"devices/uno", "gw-uno", false, false}, {"devices/due", "gw-due", false, false}}; !slices.Equal(now, want) {
		t.Fatalf("topics %v", now)
	}
	with := func(more ...Topic) []Topic { return append(slices.Clone(now), more...) }
	for name, c := range map[string]struct {
		known   []Topic
		devices []string
		want    []Cleanup
	}{
		"nothing":            {now, []string{"uno"}, nil},
		"nothing known":      {nil, nil, nil},
		"a device removed":   {with(Topic{"devices/tre", "gw-tre", true, false}), nil, []Cleanup{{Topic{"devices/tre", "gw-tre", true, false}, true, "", false}}},
		"with lines":         {with(Topic{"old/tre", "mine", false, false}), []string{"tre"}, []Cleanup{{Topic{"old/tre", "mine", false, false}, true, "tre", false}}},
		"lines and commands": {with(Topic{"devices/tre", "gw-tre", false, false}), []string{"tre", "tre"}, []Cleanup{{Topic{"devices/tre", "gw-tre", false, false}, true, "tre", false}}},
		"lines alone":        {now, []string{"tre", "tre"}, []Cleanup{{Topic{"devices/tre", "gw-tre", false, false}, true, "tre", false}}},
		"one ID for two":     {with(Topic{"devices/b", "mine", false, false}, Topic{"devices/a", "mine", true, false}), nil, []Cleanup{{Topic{"devices/a", "mine", true, false}, true, "", false}, {Topic{"devices/b", "", false, false}, true, "", false}}},
		"an ID in use":       {with(Topic{"devices/tre", "gw-uno", false, false}), nil, []Cleanup{{Topic{"devices/tre", "", false, false}, true, "", false}}},
		"readings alone":     {[]Topic{{"devices/uno", "gw-uno", true, false}}, nil, []Cleanup{{Topic{"devices/uno", "", true, false}, false, "", false}}},
		"another base":       {[]Topic{{"home/uno", "gw-uno", false, false}}, []string{"uno"}, []Cleanup{{Topic{"home/uno", "", false, false}, true, "", false}}},
		"a kept session":     {with(Topic{"devices/uno", "old", false, true}), nil, []Cleanup{{Topic{"devices/uno", "old", false, true}, false, "", true}}},
		"its ID in use":      {with(Topic{"devices/uno", "gw-due", false, true}), nil, nil},
		"not kept":           {with(Topic{"devices/uno", "old", false, false}), nil, nil},
		"two, and readings":  {[]Topic{{"devices/uno", "old", true, true}, {"devices/uno", "older", true, true}}, nil, []Cleanup{{Topic{"devices/uno", "old", true, true}, false, "", false}, {Topic{"devices/uno", "older", false, true}, false, "", true}}},
		"two, and removed":   {with(Topic{"devices/tre", "gw-tre", false, true}, Topic{"devices/tre", "old", false, true}), nil, []Cleanup{{Topic{"devices/tre", "gw-tre", false, true}, true, "", false}, {Topic{"devices/tre", "old", false, true}, false, "", true}}},
		"another gateway.id": {[]Topic{{"devices/gateway/old", "old", false, false}}, []string{"old"}, []Cleanup{{Topic{"devices/gateway/old", "old", false, false}, true, "", false}, {Topic{"devices/old", "gw-old", false, false}, true, "old", false}}},
	} {
		got := Cleanups(c.known, c.devices, parse(t, base).Config)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// A cleanup that is done is not known any more; one that is not done comes again.
func TestKnown_LeadsBackToTheCleanups(t *testing.T) {
	c := parse(t, base).Config
	known := []Topic{{"devices/uno", "gw-uno", true, false}, {"devices/uno", "older", false, true}, {"devices/tre", "gw-tre", true, false}, {"devices/due", "gw-due", false, false}}
	left := Cleanups(known, nil, c)
	if len(left) != 3 {
		t.Fatalf("left %+v", left)
	}
	if again := Cleanups(Known(c, left), nil, c); !slices.Equal(again, left) {
		t.Errorf("%+v, then %+v", left, again)
	}
	for i := range left {
		rest := slices.Delete(slices.Clone(left), i, i+1)
		if again := Cleanups(Known(c, rest), nil, c); !slices.Equal(again, rest) {
			t.Errorf("without %+v: %+v", left[i], again)
		}
	}
	if got := fmt.Sprint(Known(c, nil)); got != fmt.Sprint(topicsOf(c)) {
		t.Errorf("at the end %s", got)
	}
}
