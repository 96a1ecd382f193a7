package twins

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// maxDevices bounds the devices in an identity, and so its size.
const maxDevices = 1000

// Identity is what a gateway publishes about itself.
type Identity struct {
	ID        string    `json:"id"`
	Host      string    `json:"host"`
	Machine   string    `json:"machine,omitempty"` // a hash that differs between machines; "": unknown
	Boot      string    `json:"boot,omitempty"`    // a hash that differs between boots of a machine; "": unknown
	Instance  string    `json:"instance"`          // random, of this run
	Started   time.Time `json:"started"`
	Connected time.Time `json:"connected"` // when the connection began on which it was published
	Version   string    `json:"version"`
	Devices   []string  `json:"devices"`
}

// Payload returns the identity as JSON.
func (i Identity) Payload() []byte {
	i.Devices = append([]string{}, i.Devices[:min(len(i.Devices), maxDevices)]...)
	b, _ := json.Marshal(i) // strings and times cannot fail
	return b
}

var errNoIdentity = errors.New("not the identity of a gateway")

// Parse reads a payload.
func Parse(payload []byte) (i Identity, err error) {
	if err := json.Unmarshal(payload, &i); err != nil {
		return i, err
	}
	if i.ID == "" || i.Instance == "" || len(i.Devices) > maxDevices {
		return i, errNoIdentity
	}
	return i, nil
}

// before reports whether a gateway was there before another.
func (i Identity) before(other Identity) bool {
	if c := i.Started.Compare(other.Started); c != 0 {
		return c < 0
	}
	return cmp.Less(i.Instance, other.Instance)
}

func (i Identity) sameMachine(other Identity) bool {
	return i.Host == other.Host && i.Machine == other.Machine
}

// endedBeforeBootOf reports whether a gateway ran on the same machine before its last
// reboot. Machines with copied disks look like one.
func (i Identity) endedBeforeBootOf(now Identity) bool {
	return i.sameMachine(now) && i.Machine != "" && i.Boot != "" && now.Boot != "" && i.Boot != now.Boot
}

// describe returns a gateway in words, as seen by another:
//
//	gateway "pi" on host attic, started 2026-01-02 03:04:05
func (i Identity) describe(seenBy Identity) string {
	where := "on host " + printable(i.Host)
	if i.sameMachine(seenBy) {
		where = "on this machine, " + printable(i.Host)
	}
	return `gateway "` + printable(i.ID) + `" ` + where + ", started " + i.Started.Local().Format(time.DateTime)
}

// printable returns what anyone may have published as a few plain characters.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '"' || r == '(' || r == ')' || r == 0xfffd {
			return '_'
		}
		return r
	}, text)
	const most = 64
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
