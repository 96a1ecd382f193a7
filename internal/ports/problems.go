package ports

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// OwnProcess is the name of the gateway's own process. A port that it holds has no
// problem.
const OwnProcess = "gateway"

// problems returns the problems of one port, the worst first.
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
	if p.Holder != nil && p.Holder.Name != OwnProcess {
		all = append(all, Problem{Kind: Held, What: fmt.Sprintf("%v has it open, and only one program can read a port", p.Holder)})
	}
	if p.Sharer != nil {
		all = append(all, Problem{Kind: Shared, What: fmt.Sprintf("%v has it open as well, so each program gets only part of the lines", p.Sharer)})
	}
	if c.console(p) {
		all = append(all, m.isConsole(p))
	}
	return append(all, c.problems(p)...)
}

// access returns the problem if this process may not use the node. It does not open it.
func (m Machine) access(path string) (Problem, bool) {
	err := mayUse(path)
	switch {
	case err == nil:
		return Problem{}, false
	case errors.Is(err, fs.ErrNotExist):
		return Problem{Kind: NoNode, What: path + " does not exist, although the kernel has the port: was this container started without its devices?"}, true
	case !errors.Is(err, fs.ErrPermission):
		return Problem{Kind: NoPermission, What: err.Error()}, true
	}
	info, err := os.Stat(path)
	if err != nil {
		return Problem{Kind: NoPermission, What: err.Error()}, true
	}
	return refusal(path, owning(info), whoIsAsking()), true
}

// ownership is the owner of a node.
type ownership struct {
	group  string
	shared bool // the group may read and write
}

// asker is the user who runs this process.
type asker struct {
	name   string
	groups []string // as in the system's files; a session gets them at login
}

// refusal returns the problem of a user who may not use a node, and its fix.
func refusal(path string, node ownership, user asker) Problem {
	p := Problem{Kind: NoPermission}
	switch {
	case !node.shared || node.group == "root" || node.group == "":
		p.What = "no permission: no group may use it"
		p.Fix = fmt.Sprintf("sudo chown root:dialout %s && sudo chmod 660 %s", path, path)
	case slices.Contains(user.groups, node.group):
		p.What = fmt.Sprintf("no permission yet: %s joined group %s after this login; log in again, or run this in the shell", user.name, node.group)
		p.Fix = "newgrp " + node.group
	default:
		p.What = fmt.Sprintf("no permission: it belongs to group %s and %s is not a member; after this, log in again", node.group, user.name)
		p.Fix = fmt.Sprintf("sudo usermod -aG %s %s", node.group, user.name)
	}
	return p
}

// isConsole returns the problem of a port with the kernel's console. By default a
// Raspberry Pi has it on its pins.
func (m Machine) isConsole(p Port) Problem {
	problem := Problem{Kind: KernelConsole,
		What: "the kernel's console writes to it: remove console=" + p.node + " from the kernel's command line and reboot"}
	if _, err := os.Stat(m.path("usr/bin/raspi-config")); err == nil {
		problem.What = "the kernel's console writes to it; reboot after this"
		problem.Fix = "sudo raspi-config nonint do_serial_cons 1"
	}
	return problem
}

func inBootloader(p Port) Problem {
	return Problem{Kind: InBootloader,
		What: p.Name() + " is in its bootloader and runs no sketch: wait, press reset, or upload a sketch"}
}

// absence returns why a board has no port.
func (p Port) absence() Problem {
	switch {
	case p.Chip.Bootloader:
		return inBootloader(p)
	case p.Driver == "usbfs":
		return Problem{Kind: Brltty, What: p.Name() + " has no port: brltty took it for a braille display", Fix: removeBrltty}
	case p.Driver != "" && p.Chip.Kind == Bridge:
		return Problem{Kind: NoPort, What: p.Name() + " has no port: its driver " + p.Driver + " created none; replug it"}
	case p.Chip.Kind == Bridge:
		return Problem{Kind: NoPort, What: p.Name() + " has no port: its driver is not loaded", Fix: p.loadDriver()}
	}
	return Problem{Kind: NoPort, What: p.Name() + " has no port: its sketch provides no USB serial, or it is still starting"}
}

// loadDriver returns the command that loads the driver, if the chip's name tells which.
func (p Port) loadDriver() string {
	for begin, driver := range map[string]string{"CH": "ch341", "CP2": "cp210x", "FT": "ftdi_sio", "PL2303": "pl2303", "ATmega": "cdc_acm"} {
		if strings.HasPrefix(p.Chip.Name, begin) {
			return "sudo modprobe " + driver
		}
	}
	return ""
}
