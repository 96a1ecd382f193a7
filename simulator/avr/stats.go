package avr

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Stats are counts since the start of an Uno.
type Stats struct {
	Simulated, Wall, CPU time.Duration // the time of the board, the real time, and the CPU time of the simulator
	Baud                 int           // bits a second, as the firmware set it; 0: not yet
	Sent, Received       int           // bytes, as the board counts them
	Overrun              int           // bytes lost on the board, which was too busy to read: 63 wait
	Unheard              int           // bytes lost on the board, whose port was not set up yet, or which slept
	Dropped              int           // bytes lost after the board: no program read the port
	Slips                int           // how often this machine was too slow
	Resets               int           // for any reason
	WatchdogResets       int           // of these, those by the watchdog
}

// Stats returns the counts so far.
func (u *Uno) Stats(ctx context.Context) (Stats, error) {
	line, err := u.ask(ctx, "stat")
	if err != nil {
		return Stats{}, err
	}
	return parseStats(line)
}

// parseStats reads a line of names and numbers:
//
//	stat sim=1.984511 wall=1.985002 cpu=0.297000 baud=115942 tx=84 rx=7 queued=0 overrun=0 …
func parseStats(line string) (Stats, error) {
	fields, ok := strings.CutPrefix(line, "stat ")
	if !ok {
		return Stats{}, fmt.Errorf("unosim answers %q to stat", line)
	}
	values := map[string]float64{}
	for _, field := range strings.Fields(fields) {
		name, text, _ := strings.Cut(field, "=")
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return Stats{}, fmt.Errorf("unosim answers %q: %w", line, err)
		}
		values[name] = value
	}
	seconds := func(name string) time.Duration {
		return time.Duration(values[name] * float64(time.Second))
	}
	return Stats{
		Simulated:      seconds("sim"),
		Wall:           seconds("wall"),
		CPU:            seconds("cpu"),
		Baud:           int(values["baud"]),
		Sent:           int(values["tx"]),
		Received:       int(values["rx"]),
		Overrun:        int(values["overrun"]),
		Unheard:        int(values["disabled"]),
		Dropped:        int(values["dropped"]),
		Slips:          int(values["slips"]),
		Resets:         int(values["resets"]),
		WatchdogResets: int(values["watchdog"]),
	}, nil
}
