package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/dryrun"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/spelling"
)

// checkLines prints what the configuration makes of each line of a file.
func (s *shell) checkLines(file, lines, id string) error {
	d, err := s.deviceFor(file, id)
	if err != nil {
		return err
	}
	text := s.stdin
	if lines != "-" {
		opened, err := os.Open(lines)
		if err != nil {
			return err
		}
		defer opened.Close()
		text = opened
	}
	return s.showLines(d, text)
}

// deviceFor returns the device with this ID, or the only one. Without a configuration, and
// without an entry in it, the lines are read as those of a new device.
func (s *shell) deviceFor(file, id string) (device.Device, error) {
	path, err := find(file)
	if err != nil && id == "" {
		return device.Device{}, nil
	}
	if err != nil {
		return device.Device{}, err
	}
	settings, err := s.load(path)
	if err != nil {
		return device.Device{}, err
	}
	return choose(settings, id)
}

// choose returns the device with this ID; "" is the only one.
func choose(settings *config.Config, id string) (device.Device, error) {
	var ids []string
	for _, d := range settings.Devices {
		if d.ID == id || id == "" && len(settings.Devices) == 1 {
			return d, nil
		}
		ids = append(ids, d.ID)
	}
	known := "known: " + strings.Join(ids, ", ")
	switch near := spelling.Nearest(id, ids); {
	case id == "" && len(ids) == 0:
		return device.Device{}, nil
	case id == "":
		return device.Device{}, fmt.Errorf("several devices (hint: choose one with -d; %s)", known)
	case near != "":
		return device.Device{}, fmt.Errorf("no device %q (hint: did you mean %s?)", id, near)
	case len(ids) == 0:
		return device.Device{}, fmt.Errorf("no device %q: the configuration has none", id)
	}
	return device.Device{}, fmt.Errorf("no device %q (hint: %s)", id, known)
}

// showLines prints each line as monitor does, and how many were read.
func (s *shell) showLines(d device.Device, text io.Reader) error {
	var read, partly, refused int
	overlong, err := dryrun.New(d).Lines(text, func(l dryrun.Line) {
		switch {
		case l.Err != nil:
			refused++
		case l.Left != nil:
			partly++
		default:
			read++
		}
		fmt.Fprintln(s.stdout, lineText(l))
	})
	if err != nil {
		return fmt.Errorf("read the lines: %w", err)
	}
	fmt.Fprintf(s.stdout, "%d read, %d read in part, %d not published", read, partly, refused)
	if overlong > 0 {
		fmt.Fprintf(s.stdout, ", %d dropped because they are longer than %d bytes (hint: max_line)", overlong, cmp.Or(d.MaxLine, device.DefaultMaxLine))
	}
	fmt.Fprintln(s.stdout)
	return nil
}

// lineText returns a line as monitor prints it, without the time.
func lineText(l dryrun.Line) string {
	e := monitor.Event{Kind: monitor.In, Text: string(l.Text), Readings: l.Readings, Withheld: l.Withheld}
	if l.Err != nil {
		e.Kind, e.Error = monitor.Refused, l.Err.Error()
	}
	text := wireText(e)
	if l.Left != nil {
		text += "  ! left out: " + l.Left.Error()
	}
	return text
}
