package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"arduino-gateway/device"
	"arduino-gateway/internal/control"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/monitor"
)

// monitor shows the lines of one board; without its name a table of all on a
// terminal, and elsewhere, such as before grep, the lines of all.
func (s *shell) monitor(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	if err := parseMixed(flags, args, 0, 1); err != nil {
		return err
	}
	path, err := s.socket(*file)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	only := flags.Arg(0)
	if out, ok := s.stdout.(*os.File); only == "" && ok && term.IsTerminal(int(out.Fd())) {
		err = showTable(ctx, path, out)
	} else {
		err = control.Watch(ctx, path, only, func(e monitor.Event) error { return s.printEvent(e, only == "") })
	}
	if stopped(err) {
		return nil
	}
	return err
}

// printEvent prints a line, with its board's name where there are several.
func (s *shell) printEvent(e monitor.Event, named bool) error {
	text := eventText(e)
	if named && e.Device != "" {
		at, rest, _ := strings.Cut(text, " ")
		text = at + " " + e.Device + " " + rest
	}
	_, err := fmt.Fprintln(s.stdout, text)
	return err
}

// eventText shows an event on one line: what was on the wire, then in what
// became of it.
func eventText(e monitor.Event) string {
	at := e.Time.Local().Format("15:04:05.000")
	switch e.Kind {
	case monitor.In:
		return at + " < " + escaped(e.Text) + "   " + readingsText(e.Readings) + withheldText(e.Withheld)
	case monitor.Refused:
		return at + " < " + visible(e.Text) + "   ! " + e.Error
	case monitor.Out:
		return at + " > " + visible(e.Text)
	default:
		return at + " - " + e.Text
	}
}

func readingsText(readings []device.Reading) string {
	parts := make([]string, len(readings))
	for i, r := range readings {
		parts[i] = r.Name + "=" + r.Value + r.Unit
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// withheldText tells what was not published: "  ! humidity=140% above max 100".
func withheldText(withheld []device.Withheld) string {
	if len(withheld) == 0 {
		return ""
	}
	parts := make([]string, len(withheld))
	for i, w := range withheld {
		parts[i] = w.Name + "=" + w.Value + w.Unit + " " + w.Why
	}
	return "  ! " + strings.Join(parts, ", ")
}

// escaped shows a line that was understood: one that is no UTF-8 is Latin-1, such
// as 23.5 \xb0C.
func escaped(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	quoted := strconv.Quote(text)
	return quoted[1 : len(quoted)-1]
}

func controlServer(f *fleet, log *slog.Logger) (gateway.Runner, error) {
	path, err := control.Path(f.state.Config.Spool.Dir)
	if err != nil {
		return nil, err
	}
	server := &control.Server{Path: path, Hub: f.hub, Gateway: f, Log: log}
	return optional{named{server, "commands monitor, pause and resume"}, log}, nil
}

// watcher tells the hub what one device does.
type watcher struct {
	hub    *monitor.Hub
	device string
}

func (w watcher) Active() bool { return w.hub.Active(w.device) }

func (w watcher) In(at time.Time, line []byte, readings []device.Reading, withheld []device.Withheld, err error) {
	e := monitor.Event{Time: at, Device: w.device, Kind: monitor.In, Text: string(line)}
	e.Readings, e.Withheld = slices.Clone(readings), slices.Clone(withheld)
	for i := range e.Readings {
		keep(&e.Readings[i])
	}
	for i := range e.Withheld {
		keep(&e.Withheld[i].Reading)
	}
	if err != nil {
		e.Kind, e.Error = monitor.Refused, err.Error()
	}
	w.hub.Publish(e)
}

// keep lets the value outlive its line.
func keep(r *device.Reading) { r.Value = strings.Clone(r.Value) }

func (w watcher) Out(at time.Time, command string, r device.Result) {
	e := monitor.Event{Time: at, Device: w.device, Kind: monitor.Out, Text: r.Line}
	if r.Status != device.Sent && r.Status != device.Done {
		e.Kind, e.Text = monitor.Note, fmt.Sprintf("command %s %s: %s", command, r.Status, r.Error)
	}
	w.hub.Publish(e)
}

// notesTo tells the hub what concerns a device that is not the teller's own.
type notesTo struct{ *monitor.Hub }

func (n notesTo) Note(device string, at time.Time, text string) {
	n.Publish(monitor.Event{Time: at, Device: device, Kind: monitor.Note, Text: text})
}

func (w watcher) Note(at time.Time, text string) {
	w.hub.Publish(monitor.Event{Time: at, Device: w.device, Kind: monitor.Note, Text: text})
}
