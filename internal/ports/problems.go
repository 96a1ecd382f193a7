package ports

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Ourselves is the name of the gateway's own process: where it holds a port all
// is well.
const Ourselves = "gateway"

// problems looks at one port, the worst first.
func (m Machine) problems(p Port, c conflicts) (all []Problem) {
	if p.Path == "" {
		return []Problem{p.absence()}
	}
	if p.Chip.Bootloader {
		all = append(all, inBootloader(p))
	}
	if problem, wrong := m.access(p.Path); wrong {
		all = append(all, problem)
	}
	if p.Holder != nil && p.Holder.Name != Ourselves {
		all = append(all, Problem{Kind: Held, What: fmt.Sprintf("%v has it open, and a port has one reader", p.Holder)})
	}
	if p.Sharer != nil {
		all = append(all, Problem{Kind: Shared, What: fmt.Sprintf("%v has it open as well, and each gets a part of the lines", p.Sharer)})
	}
	if c.console(p) {
		all = append(all, m.isConsole(p))
	}
	return append(all, c.problems(p)...)
}

// access tells whether this process may use the node, without opening it.
func (m Machine) access(path string) (Problem, bool) {
	err := mayUse(path)
	switch {
	case err == nil:
		return Problem{}, false
	case errors.Is(err, fs.ErrNotExist):
		return Problem{Kind: NoNode, What: "the kernel has it, and there is no " + path + ": is this a container without its devices?"}, true
	case !errors.Is(err, fs.ErrPermission):
		return Problem{Kind: NoPermission, What: err.Error()}, true
	}
	info, err := os.Stat(path)
	if err != nil {
		return Problem{Kind: NoPermission, What: err.Error()}, true
	}
	return refusal(path, owning(info), whoIsAsking()), true
}

// ownership is whose a node is.
type ownership struct {
	group  string
	shared bool // the group may read and write
}

// asker is the user on whose behalf the gateway looks.
type asker struct {
	name   string
	groups []string // as the system's files have them, which a session learns at its login
}

// refusal says what the user has to do to be let in.
func refusal(path string, node ownership, user asker) Problem {
	p := Problem{Kind: NoPermission}
	switch {
	case !node.shared || node.group == "root" || node.group == "":
		p.What = "no permission: no group may use it"
		p.Fix = fmt.Sprintf("sudo chown root:dialout %s && sudo chmod 660 %s", path, path)
	case slices.Contains(user.groups, node.group):
		p.What = fmt.Sprintf("no permission yet: %s came into group %s after this login; log in again, or for this shell", user.name, node.group)
		p.Fix = "newgrp " + node.group
	default:
		p.What = fmt.Sprintf("no permission: it belongs to group %s, and %s is not in it; log in again after this", node.group, user.name)
		p.Fix = fmt.Sprintf("sudo usermod -aG %s %s", node.group, user.name)
	}
	return p
}

// isConsole is the trap of a Raspberry Pi's pins: as delivered, its kernel talks
// there.
func (m Machine) isConsole(p Port) Problem {
	problem := Problem{Kind: KernelConsole,
		What: "the kernel's console writes to it: take console=" + p.node + " off the kernel's command line and restart"}
	if _, err := os.Stat(m.path("usr/bin/raspi-config")); err == nil {
		problem.What = "the kernel's console writes to it; restart after this"
		problem.Fix = "sudo raspi-config nonint do_serial_cons 1"
	}
	return problem
}

func inBootloader(p Port) Problem {
	return Problem{Kind: InBootloader,
		What: p.Name() + " is in its bootloader, where no sketch runs: wait, press reset, or upload a sketch"}
}

// absence says why a board has no port.
func (p Port) absence() Problem {
	switch {
	case p.Chip.Bootloader:
		return inBootloader(p)
	case p.Driver == "usbfs":
		return Problem{Kind: Brltty, What: p.Name() + " has no port: brltty took it for a braille display", Fix: removeBrltty}
	case p.Driver != "" && p.Chip.Kind == Bridge:
		return Problem{Kind: NoPort, What: p.Name() + " has no port: its driver " + p.Driver + " made none; plug it in again"}
	case p.Chip.Kind == Bridge:
		return Problem{Kind: NoPort, What: p.Name() + " has no port: its driver is not loaded", Fix: p.loadDriver()}
	}
	return Problem{Kind: NoPort, What: p.Name() + " has no port: its sketch offers no USB serial, or it is still starting"}
}

// loadDriver is for the chips whose name tells their driver.
func (p Port) loadDriver() string {
	for begin, driver := range map[string]string{"CH": "ch341", "CP2": "cp210x", "FT": "ftdi_sio", "PL2303": "pl2303", "ATmega": "cdc_acm"} {
		if strings.HasPrefix(p.Chip.Name, begin) {
			return "sudo modprobe " + driver
		}
	}
	return ""
}
