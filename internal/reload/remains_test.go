package reload

import (
	"fmt"
	"slices"
	"testing"
)

func TestLeft(t *testing.T) {
	c := parse(t, base).Config // gateway gw; devices uno and due; nothing retained but the status
	now := topicsOf(c)
	if want := []Topic{{"devices/gateway/gw", "gw", false}, {"devices/uno", "gw-uno", false}, {"devices/due", "gw-due", false}}; !slices.Equal(now, want) {
		t.Fatalf("topics %v", now)
	}
	with := func(more ...Topic) []Topic { return append(slices.Clone(now), more...) }
	for name, c := range map[string]struct {
		known   []Topic
		devices []string
		want    []Remains
	}{
		"nothing":            {now, []string{"uno"}, nil},
		"nothing known":      {nil, nil, nil},
		"a device removed":   {with(Topic{"devices/tre", "gw-tre", true}), nil, []Remains{{Topic{"devices/tre", "gw-tre", true}, true, ""}}},
		"with lines":         {with(Topic{"old/tre", "mine", false}), []string{"tre"}, []Remains{{Topic{"old/tre", "mine", false}, true, "tre"}}},
		"lines and commands": {with(Topic{"devices/tre", "gw-tre", false}), []string{"tre", "tre"}, []Remains{{Topic{"devices/tre", "gw-tre", false}, true, "tre"}}},
		"lines alone":        {now, []string{"tre", "tre"}, []Remains{{Topic{"devices/tre", "gw-tre", false}, true, "tre"}}},
		"an ID in use":       {with(Topic{"devices/tre", "gw-uno", false}), nil, []Remains{{Topic{"devices/tre", "", false}, true, ""}}},
		"readings alone":     {[]Topic{{"devices/uno", "gw-uno", true}}, nil, []Remains{{Topic{"devices/uno", "", true}, false, ""}}},
		"another base":       {[]Topic{{"home/uno", "gw-uno", false}}, []string{"uno"}, []Remains{{Topic{"home/uno", "", false}, true, ""}}},
		"another gateway.id": {[]Topic{{"devices/gateway/old", "old", false}}, []string{"old"}, []Remains{{Topic{"devices/gateway/old", "old", false}, true, ""}, {Topic{"devices/old", "gw-old", false}, true, "old"}}},
	} {
		got := Left(c.known, c.devices, parse(t, base).Config)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// What is done is not known any more; what is not is found again.
func TestKnownGoesRoundWithLeft(t *testing.T) {
	c := parse(t, base).Config
	known := []Topic{{"devices/uno", "gw-uno", true}, {"devices/tre", "gw-tre", true}, {"devices/due", "gw-due", false}}
	left := Left(known, nil, c)
	if len(left) != 2 {
		t.Fatalf("left %+v", left)
	}
	if again := Left(Known(c, left), nil, c); !slices.Equal(again, left) {
		t.Errorf("%+v, then %+v", left, again)
	}
	for i := range left {
		rest := slices.Delete(slices.Clone(left), i, i+1)
		if again := Left(Known(c, rest), nil, c); !slices.Equal(again, rest) {
			t.Errorf("without %+v: %+v", left[i], again)
		}
	}
	if got := fmt.Sprint(Known(c, nil)); got != fmt.Sprint(topicsOf(c)) {
		t.Errorf("at the end %s", got)
	}
}
