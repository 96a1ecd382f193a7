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
	if want := []Topic{{"devices/gateway/gw", "gw", false}, {"devices/uno", "gw-uno", false}, {"devices/due", "gw-due", false}}; !slices.Equal(now, want) {
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
		"a device removed":   {with(Topic{"devices/tre", "gw-tre", true}), nil, []Cleanup{{Topic{"devices/tre", "gw-tre", true}, true, ""}}},
		"with lines":         {with(Topic{"old/tre", "mine", false}), []string{"tre"}, []Cleanup{{Topic{"old/tre", "mine", false}, true, "tre"}}},
		"lines and commands": {with(Topic{"devices/tre", "gw-tre", false}), []string{"tre", "tre"}, []Cleanup{{Topic{"devices/tre", "gw-tre", false}, true, "tre"}}},
		"lines alone":        {now, []string{"tre", "tre"}, []Cleanup{{Topic{"devices/tre", "gw-tre", false}, true, "tre"}}},
		"one ID for two":     {with(Topic{"devices/b", "mine", false}, Topic{"devices/a", "mine", true}), nil, []Cleanup{{Topic{"devices/a", "mine", true}, true, ""}, {Topic{"devices/b", "", false}, true, ""}}},
		"an ID in use":       {with(Topic{"devices/tre", "gw-uno", false}), nil, []Cleanup{{Topic{"devices/tre", "", false}, true, ""}}},
		"readings alone":     {[]Topic{{"devices/uno", "gw-uno", true}}, nil, []Cleanup{{Topic{"devices/uno", "", true}, false, ""}}},
		"another base":       {[]Topic{{"home/uno", "gw-uno", false}}, []string{"uno"}, []Cleanup{{Topic{"home/uno", "", false}, true, ""}}},
		"another gateway.id": {[]Topic{{"devices/gateway/old", "old", false}}, []string{"old"}, []Cleanup{{Topic{"devices/gateway/old", "old", false}, true, ""}, {Topic{"devices/old", "gw-old", false}, true, "old"}}},
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
	known := []Topic{{"devices/uno", "gw-uno", true}, {"devices/tre", "gw-tre", true}, {"devices/due", "gw-due", false}}
	left := Cleanups(known, nil, c)
	if len(left) != 2 {
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
