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

// conflicts are the programs of a machine that may open ports of boards.
type conflicts struct {
	machine      Machine
	modemManager bool     // it is running
	brltty       []string // identities in its active udev rules: "1a86/7523/"
	consoles     []string // ports that the kernel's console writes to
}

const removeBrltty = "sudo apt-get remove brltty"

func (m Machine) conflicts() conflicts {
	return conflicts{
		machine:      m,
		modemManager: m.runs("ModemManager"),
		brltty:       m.brlttyRules(),
		consoles:     m.consoles(),
	}
}

func (m Machine) runs(program string) bool {
	names, _ := filepath.Glob(m.path("proc/[0-9]*/comm"))
	return slices.ContainsFunc(names, func(name string) bool {
		return attribute(filepath.Dir(name), "comm") == program
	})
}

// brlttyClaim matches the identity in a rule of brltty, unless the distribution has
// disabled the rule with a #. The device's version follows it:
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
			What: "ModemManager may mistake it for a modem and write to it when it is plugged in; replug it after this",
			Fix:  keepOff(p)})
	}
	if c.mayTake(p) {
		all = append(all, Problem{Kind: Brltty,
			What: "brltty may mistake it for a braille display and take its port; if you use a braille display, edit brltty's udev rules instead",
			Fix:  removeBrltty})
	}
	return all
}

// mayProbe reports whether ModemManager may write to the port. It does so only if the
// device claims to understand modem commands, as the Uno's 16U2 does.
func (c conflicts) mayProbe(p Port) bool {
	return c.modemManager && p.Driver == "cdc_acm" && attribute(p.at, "bInterfaceProtocol") == "01" &&
		!c.ignored(p.at) && !c.ignored(filepath.Dir(p.at)) && !c.ignored(filepath.Join(p.at, "tty", p.node))
}

// ignored reports whether udev's database tells ModemManager to ignore the device at a
// folder of /sys. The file for device 189:4 is c189:4, and the line in it is
//
//	E:ID_MM_DEVICE_IGNORE=1
func (c conflicts) ignored(at string) bool {
	number := attribute(at, "dev")
	if number == "" {
		return false
	}
	entry, _ := os.ReadFile(c.machine.path("run/udev/data", "c"+number))
	for _, key := range []string{"DEVICE_IGNORE", "PORT_IGNORE", "TTY_BLACKLIST"} {
		if bytes.Contains(entry, []byte("E:ID_MM_"+key+"=1\n")) {
			return true
		}
	}
	return false
}

// keepOff returns the command that makes ModemManager ignore this kind of board.
func keepOff(p Port) string {
	rule := fmt.Sprintf(`ATTRS{idVendor}=="%s", ATTRS{idProduct}=="%s", ENV{ID_MM_DEVICE_IGNORE}="1"`, p.VID, p.PID)
	return fmt.Sprintf("echo '%s' | sudo tee /etc/udev/rules.d/60-gateway-%s-%s.rules && sudo udevadm control --reload", rule, p.VID, p.PID)
}

// mayTake reports whether brltty has an active rule for this chip. Hexadecimal
// numbers in its rules have no leading zeros: 403/6001/.
func (c conflicts) mayTake(p Port) bool {
	if p.VID == "" {
		return false
	}
	product := strings.TrimLeft(p.VID, "0") + "/" + strings.TrimLeft(p.PID, "0") + "/"
	return slices.Contains(c.brltty, product)
}
