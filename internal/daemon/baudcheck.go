package daemon

import (
	"cmp"
	"fmt"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// CheckBauds returns a problem for each baud that its port does not get, as far as
// the board behind the port is known. It opens no port.
func CheckBauds(c *config.Config, machine ports.Machine) (problems []config.Problem) {
	known := machine.Known(portsOf(c)...)
	for i, d := range c.Devices {
		what, hint := baudProblem(d.Baud, known[i])
		if what != "" {
			problems = append(problems, config.Problem{Key: "devices." + d.ID + ".baud", What: what, Hint: hint})
		}
	}
	return problems
}

// baudProblem returns why a port is not opened at a rate; "" if it is.
func baudProblem(baud int, port ports.Port) (what, hint string) {
	board := cmp.Or(port.Chip.Board, port.Chip.Name, "this board")
	switch port.Rates() {
	case ports.NoRates:
		if baud != device.BaudAuto && baud != serialbridge.FirstBaud {
			return fmt.Sprintf("has no effect: %s has a USB of its own and no baud rate; its port is opened at %d", board, serialbridge.FirstBaud), "remove this"
		}
	case ports.FastRates:
		if baud != device.BaudAuto && baud < serialbridge.SlowestSafe {
			return fmt.Sprintf("the port is not opened: to %s a rate below %d is, or may be, an order, such as to erase its sketch", board, serialbridge.SlowestSafe),
				"use a faster rate in the sketch's Serial.begin, and here"
		}
	}
	return "", ""
}
