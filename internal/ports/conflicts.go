package ports

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// conflicts are programs that reach for ports that are not theirs.
type conflicts struct {
	machine      Machine
	modemManager bool     // runs
	brltty       []string // its udev rules that are in force: "1a86/7523/"
	consoles     []string // ports that the kernel's console writes to
}

const removeBrltty = "sudo apt-get remove brltty"

func (m Machine) conflicts() conflicts {
	return conflicts{
		machine:      m,
		modemManager: m.runs("ModemManager"),
		brltty:       m.brlttyRules(),
		consoles:     strings.Fields(attribute(m.path("sys/class/tty/console"), "active")),
	}
}

func (m Machine) runs(program string) bool {
	names, _ := filepath.Glob(m.path("proc/[0-9]*/comm"))
	return slices.ContainsFunc(names, func(name string) bool {
		return attribute(filepath.Dir(name), "comm") == program
	})
}

// brlttyClaim is the identity in a rule of brltty's; a # would stand before it
// where the distribution has taken the rule out. The device's version follows:
//
//	ENV{PRODUCT}=="1a86/7523/*", ATTRS{manufacturer}=="…", ENV{BRLTTY_BRAILLE_DRIVER}="bm", GOTO="brltty_usb_run"
var brlttyClaim = regexp.MustCompile(`(?m)^[^#\n]*ENV\{PRODUCT\}=="([0-9a-f]+/[0-9a-f]+/)`)

func (m Machine) brlttyRules() (claims []string) {
	for _, folder := range []string{"lib/udev/rules.d", "usr/lib/udev/rules.d", "etc/udev/rules.d"} {
		files, _ := filepath.Glob(m.path(folder, "*brltty*.rules"))
		for _, file := range files {
			text, _ := os.ReadFile(file)
			for _, match := range brlttyClaim.FindAllSubmatch(text, -1) {
				claims = append(claims, string(match[1]))
			}
		}
	}
	return claims
}

func (c conflicts) console(p Port) bool { return slices.Contains(c.consoles, p.node) }

func (c conflicts) problems(p Port) (all []Problem) {
	if c.mayProbe(p) {
		all = append(all, Problem{Kind: ModemManager,
			What: "ModemManager may take it for a modem, and write to it when it is plugged in; plug it in again after this",
			Fix:  keepOff(p)})
	}
	if c.mayTake(p) {
		all = append(all, Problem{Kind: Brltty,
			What: "brltty may take it for a braille display, and its port away; where somebody has one, edit brltty's udev rules instead",
			Fix:  removeBrltty})
	}
	return all
}

// mayProbe is true for what says of itself that it understands modem commands,
// as the Uno's 16U2 does; ModemManager leaves other ports alone.
func (c conflicts) mayProbe(p Port) bool {
	return c.modemManager && p.Driver == "cdc_acm" && attribute(p.at, "bInterfaceProtocol") == "01" &&
		!c.ignored(p.at) && !c.ignored(filepath.Dir(p.at)) && !c.ignored(filepath.Join(p.at, "tty", p.node))
}

// ignored looks in udev's notes on a device for what keeps ModemManager off.
// The notes on the device 189:4 are in c189:4, and one of them is
//
//	E:ID_MM_DEVICE_IGNORE=1
func (c conflicts) ignored(at string) bool {
	number := attribute(at, "dev")
	if number == "" {
		return false
	}
	notes, _ := os.ReadFile(c.machine.path("run/udev/data", "c"+number))
	for _, key := range []string{"DEVICE_IGNORE", "PORT_IGNORE", "TTY_BLACKLIST"} {
		if bytes.Contains(notes, []byte("E:ID_MM_"+key+"=1\n")) {
			return true
		}
	}
	return false
}

// keepOff is the command that tells ModemManager of this kind of board.
func keepOff(p Port) string {
	rule := fmt.Sprintf(`ATTRS{idVendor}=="%s", ATTRS{idProduct}=="%s", ENV{ID_MM_DEVICE_IGNORE}="1"`, p.VID, p.PID)
	return fmt.Sprintf("echo '%s' | sudo tee /etc/udev/rules.d/60-gateway-%s-%s.rules && sudo udevadm control --reload", rule, p.VID, p.PID)
}

// mayTake is true where brltty is installed with a rule for this chip. In the
// rules hexadecimal numbers have no leading zeros: 403/6001/.
func (c conflicts) mayTake(p Port) bool {
	if p.VID == "" {
		return false
	}
	product := strings.TrimLeft(p.VID, "0") + "/" + strings.TrimLeft(p.PID, "0") + "/"
	return slices.Contains(c.brltty, product)
}
