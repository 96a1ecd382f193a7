package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/netdial"
	"arduino-gateway/internal/ports"
)

// boards tells of every port with a problem, where no device is known.
func (p Patient) boards(context.Context) []Finding {
	all, err := p.Machine.List()
	if err != nil {
		return []Finding{fault("ports", Warn, err)}
	}
	found := troubled(all)
	if len(found) == 0 {
		found = []Finding{{"ports", OK, count(len(all), "serial port"), ""}}
	}
	return found
}

// troubled gives what is wrong with USB ports that belong to no device. That
// others have them, or the kernel's console, is no fault then.
func troubled(all []ports.Port) (found []Finding) {
	for _, p := range all {
		for _, problem := range p.Problems {
			if p.USBPath != "" && problem.Kind != ports.Held && problem.Kind != ports.KernelConsole {
				found = append(found, Finding{"port " + whereabouts(p), Warn, problem.What, problem.Fix})
			}
		}
	}
	return found
}

func whereabouts(p ports.Port) string {
	if p.Path == "" {
		return "at USB " + p.USBPath
	}
	return p.Path
}

// devices tells of each device's port, and of the ports that are left.
func (p Patient) devices(ctx context.Context, r running) (found []Finding) {
	all, err := p.Machine.List()
	if err != nil {
		found = append(found, fault("ports", Warn, err))
	}
	rest, owner := all, map[string]string{}
	for _, d := range p.Config.Devices {
		var own []Finding
		switch u, notURL := url.Parse(d.Port); {
		case notURL == nil && u.Host != "":
			own = server(ctx, d, u)
		case err != nil:
			own = []Finding{{"device " + d.ID, OK, d.Port + ": not looked at", ""}}
		default:
			port, err := p.Machine.Examine(d.Port, all)
			own = judgePort(d, port, err, r)
			own = append(own, second(d.ID, port, owner)...)
			rest = without(rest, port, err)
		}
		found = append(found, merge(own, r, d.ID)...)
	}
	return append(found, troubled(rest)...)
}

// second tells of a device whose port another device has under another name.
func second(id string, port ports.Port, owner map[string]string) []Finding {
	real, err := filepath.EvalSymlinks(port.Path)
	if port.Path == "" || err != nil {
		return nil
	}
	if other := owner[real]; other != "" {
		return []Finding{{"device " + id, Fail, real + " is the port of device " + other + ", too: a port has one board", "gateway ports"}}
	}
	owner[real] = id
	return nil
}

// without takes a port out that belongs to a device, or a board without one.
func without(all []ports.Port, one ports.Port, err error) (rest []ports.Port) {
	if unready, ok := errors.AsType[*ports.NotReadyError](err); ok {
		one = unready.Port
	}
	for _, p := range all {
		if !p.Same(one) {
			rest = append(rest, p)
		}
	}
	return rest
}

// judgePort says how a device's port is.
func judgePort(d device.Device, port ports.Port, err error, r running) []Finding {
	check := "device " + d.ID
	if err != nil {
		return []Finding{unfound(check, d.Port, err)}
	}
	var found []Finding
	for _, problem := range port.Problems {
		if r.expects(d.ID, port, problem.Kind) {
			continue
		}
		found = append(found, Finding{check, severity(problem.Kind), at(port) + problem.What, problem.Fix})
	}
	if h := port.Holder; h != nil && len(found) == 0 && h.Name == ports.OwnProcess && !r.is(h.PID) {
		found = append(found, Finding{check, Fail, fmt.Sprintf("%sanother gateway has it open: %v", at(port), h), fmt.Sprintf("kill %d", h.PID)})
	}
	if len(found) == 0 {
		found = append(found, Finding{check, OK, port.Path + ", " + port.Name(), ""})
	}
	return found
}

// expects tells whether it is in order that somebody has a device's port: this
// gateway, or whoever it is paused for.
func (r running) expects(id string, port ports.Port, kind string) bool {
	switch kind {
	case ports.Held:
		return r.paused(id) || r.is(port.Holder.PID)
	case ports.Shared:
		return r.paused(id)
	}
	return false
}

func at(port ports.Port) string { return whereabouts(port) + ": " }

// severity tells what keeps a port from being used now from what may.
func severity(kind string) Level {
	switch kind {
	case ports.ModemManager, ports.Brltty, ports.InBootloader:
		return Warn
	}
	return Fail
}

// unfound says why a port: value leads to no port.
func unfound(check, value string, err error) Finding {
	f := Finding{check, Fail, err.Error(), "gateway ports"}
	if unready, ok := errors.AsType[*ports.NotReadyError](err); ok && unready.Problem.Kind == ports.InBootloader {
		f.Level = Warn // it may be over in a moment
	}
	if hinting, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		f.Fix = hinting.Hint()
	} else if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(value, "/") {
		f.What = value + " is not there: is the board plugged in?"
	}
	return f
}

// server looks a server of serial ports up, and does not connect: that would open
// the port there.
func server(ctx context.Context, d device.Device, at *url.URL) []Finding {
	check := "device " + d.ID
	if err := netdial.LookUp(ctx, at.Hostname()); err != nil {
		return []Finding{{check, Fail, fmt.Sprintf("%s: %v", d.Port, err), netdial.Hint(err)}}
	}
	return []Finding{{check, OK, d.Port + ": not tried, since a connection may reset the board", ""}}
}

// merge adds what the running gateway says of a device to what can be seen. What
// it says of the broker for all of them is told once, and why it cannot open the port
// only where that is not seen from outside.
func merge(own []Finding, r running, id string) []Finding {
	check, says := "device "+id, r.device(id)
	if says.ID == "" {
		return own
	}
	problems := []string{says.Session.Problem}
	if says.Port.Open || own[0].Level != Fail {
		problems = append(problems, says.Port.Problem)
	}
	for _, problem := range problems {
		if problem != "" && problem != r.says.Broker.Problem && !r.paused(id) {
			what, fix := parted(problem)
			own = append(own, Finding{check, Fail, "the gateway says: " + what, fix})
		}
	}
	switch first := &own[0]; {
	case r.paused(id):
		first.What += "; paused until " + says.Port.PausedUntil.Local().Format(time.TimeOnly)
	case first.Level == OK && says.Online:
		first.What += "; online"
		if says.LastLine.IsZero() {
			first.What += ", but no line has come yet"
		}
	case first.Level == OK && len(own) == 1:
		own = append(own, Finding{check, Warn, fmt.Sprintf("offline: its port is open, and no line comes: does its sketch print, at %d baud?", says.Port.Baud), ""})
	}
	return own
}
