package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/netdial"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/status"
)

// ports checks every port, if no devices are known.
func (t Target) ports(context.Context) []Finding {
	all, err := t.Machine.List()
	if err != nil {
		return []Finding{fault("ports", Warn, err)}
	}
	findings := otherPorts(all)
	if len(findings) == 0 {
		findings = []Finding{{"ports", OK, count(len(all), "serial port"), ""}}
	}
	return findings
}

// otherPorts returns the problems of USB ports that belong to no device. It does
// not report that another program or the kernel's console uses them.
func otherPorts(all []ports.Port) (findings []Finding) {
	for _, p := range all {
		for _, problem := range p.Problems {
			if p.USBPath != "" && problem.Kind != ports.Held && problem.Kind != ports.KernelConsole {
				findings = append(findings, Finding{"port " + whereabouts(p), Warn, problem.What, problem.Fix})
			}
		}
	}
	return findings
}

func whereabouts(p ports.Port) string {
	if p.Path == "" {
		return "at USB " + p.USBPath
	}
	return p.Path
}

// devices checks the port of each device, and then the other ports.
func (t Target) devices(ctx context.Context, r running) (findings []Finding) {
	all, err := t.Machine.List()
	if err != nil {
		findings = append(findings, fault("ports", Warn, err))
	}
	rest, owner := all, map[string]string{}
	for _, d := range t.Config.Devices {
		var own []Finding
		switch _, address, remote := strings.Cut(d.Port, "://"); {
		case remote:
			own = server(ctx, d, address)
		case err != nil:
			own = []Finding{{"device " + d.ID, OK, d.Port + ": not checked", ""}}
		default:
			port, err := t.Machine.Examine(d.Port, all)
			own = t.portFindings(d, port, err, r)
			own = append(own, sharedPort(d.ID, port, owner)...)
			rest = without(rest, port, err)
		}
		findings = append(findings, withStatus(own, r, d.ID)...)
	}
	findings = append(findings, t.unmatched(all)...)
	return append(findings, otherPorts(rest)...)
}

// unmatched reports the patterns of auto that match no port.
func (t Target) unmatched(all []ports.Port) (findings []Finding) {
	for _, pattern := range t.Machine.Choose(all, t.Config.Auto.Ports, nil).Unmatched {
		findings = append(findings, Finding{"devices auto", Warn, "no port matches " + pattern + " now", "gateway ports"})
	}
	return findings
}

// sharedPort reports a port that another device has under another name.
func sharedPort(id string, port ports.Port, owner map[string]string) []Finding {
	real, err := filepath.EvalSymlinks(port.Path)
	if port.Path == "" || err != nil {
		return nil
	}
	if other := owner[real]; other != "" {
		return []Finding{{"device " + id, Fail, real + " is also the port of device " + other + ", and two devices cannot share a port", "gateway ports"}}
	}
	owner[real] = id
	return nil
}

// without returns all ports but a device's: one, or the board in err that has no port.
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

// portFindings returns the findings about a device's port; err is why it has none.
func (t Target) portFindings(d device.Device, port ports.Port, err error, r running) []Finding {
	check := "device " + d.ID
	if err != nil {
		return []Finding{noPort(check, d.Port, err)}
	}
	var findings []Finding
	for _, problem := range port.Problems {
		if r.accepts(d.ID, port, problem.Kind) {
			continue
		}
		findings = append(findings, Finding{check, severity(problem.Kind), at(port) + problem.What, problem.Fix})
	}
	if h := port.Holder; h != nil && len(findings) == 0 && h.Name == ports.OwnProcess && !r.hasPID(h.PID) {
		findings = append(findings, t.otherGateway(check, port, r))
	}
	if len(findings) == 0 {
		findings = append(findings, Finding{check, OK, port.Path + ", " + port.Name(), ""})
	}
	return findings
}

// otherGateway reports a port that a gateway has open which is not the one of this
// configuration, or not known to be.
func (t Target) otherGateway(check string, port ports.Port, r running) Finding {
	who := port.Holder.String()
	fix := "stop that gateway, or remove the device from its configuration"
	if service := t.serviceOf(port.Holder.PID); service != "" {
		who = fmt.Sprintf("the service %s (pid %d)", service, port.Holder.PID)
		fix = "run doctor with the user and the configuration of that service: systemctl cat " + service
	}
	if r.mayRun() && !r.runs() {
		return Finding{check, Warn, at(port) + "a gateway has it open, and whether it runs this configuration is unknown: " + who, "run doctor as the user who runs that gateway"}
	}
	return Finding{check, Fail, at(port) + "a gateway with another spool.dir has it open: " + who, fix}
}

// accepts reports whether a program may have a device's port: this gateway, or any
// program while the device is paused.
func (r running) accepts(id string, port ports.Port, kind string) bool {
	switch kind {
	case ports.Held:
		return r.paused(id) || r.hasPID(port.Holder.PID)
	case ports.Shared:
		return r.paused(id)
	}
	return false
}

func at(port ports.Port) string { return whereabouts(port) + ": " }

// severity tells problems that prevent the use of a port from those that may.
func severity(kind string) Level {
	switch kind {
	case ports.ModemManager, ports.Brltty, ports.InBootloader:
		return Warn
	}
	return Fail
}

// noPort reports why a port: value leads to no port.
func noPort(check, value string, err error) Finding {
	f := Finding{check, Fail, err.Error(), "gateway ports"}
	if unready, ok := errors.AsType[*ports.NotReadyError](err); ok && unready.Problem.Kind == ports.InBootloader {
		f.Level = Warn // it may end in a moment
	}
	if hinting, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		f.Fix = hinting.Hint()
	} else if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(value, "/") {
		f.What = value + " does not exist: is the board plugged in?"
	}
	return f
}

// server looks up the host of a serial server. It does not connect, because that
// would open the port there.
func server(ctx context.Context, d device.Device, address string) []Finding {
	check := "device " + d.ID
	host, _, err := net.SplitHostPort(strings.TrimSuffix(address, "/"))
	if err == nil {
		err = netdial.LookUp(ctx, host)
	}
	if err != nil {
		return []Finding{{check, Fail, fmt.Sprintf("%s: %v", d.Port, err), netdial.Hint(err)}}
	}
	return []Finding{{check, OK, d.Port + ": not tried, because a connection may reset the board", ""}}
}

// unread reports lines of which nothing is published.
func unread(check string, d status.Device) (found []Finding) {
	if n := d.Counts.Overlong; n > 0 {
		found = append(found, Finding{check, Warn, "dropped because they are too long: " + count(int(n), "line"), "print shorter lines, or set max_line: the gateway's log has their length"})
	}
	if n := d.Counts.Refused; n > 0 && d.Counts.Lines == 0 {
		found = append(found, Finding{check, Warn, fmt.Sprintf("nothing is published: %s received, none understood", count(int(n), "line")), "gateway monitor " + d.ID + " shows why"})
	}
	return found
}

// withStatus adds what the running gateway reports about a device. A problem of the
// broker that all devices share is reported elsewhere, once. Why the port is closed is
// added only if that cannot be seen from outside.
func withStatus(own []Finding, r running, id string) []Finding {
	check, reported := "device "+id, r.device(id)
	if reported.ID == "" {
		return own
	}
	problems := append(slices.Clone(reported.Session.Problems), reported.Session.NotMoving())
	if reported.Port.Open || own[0].Level != Fail {
		problems = append(problems, reported.Port.Problem)
	}
	for _, problem := range problems {
		if problem != "" && !slices.Contains(r.status.Broker.Problems, problem) && !r.paused(id) {
			what, fix, _ := status.CutHint(problem)
			own = append(own, Finding{check, Fail, "the gateway reports: " + what, fix})
		}
	}
	switch first := &own[0]; {
	case r.paused(id):
		first.What += "; paused until " + reported.Port.PausedUntil.Local().Format(time.TimeOnly)
	case first.Level == OK && reported.Online:
		first.What += "; online"
		if reported.LastLine.IsZero() && reported.Counts.Overlong == 0 {
			first.What += ", but no line received yet"
		}
	case first.Level == OK && len(own) == 1:
		own = append(own, Finding{check, Warn, fmt.Sprintf("offline: the port is open but no line is received; does the sketch print, and at %d baud?", reported.Port.Baud), ""})
	}
	if reported.Names != "" {
		what, fix, _ := status.CutHint(reported.Names)
		own = append(own, Finding{check, Warn, "the gateway reports: " + what, fix})
	}
	own = append(own, unread(check, reported)...)
	if n := reported.Session.Refused; n > 0 {
		own = append(own, putAside(check, n))
	}
	return own
}
