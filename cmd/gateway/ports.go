package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"arduino-gateway/internal/daemon"
	"arduino-gateway/internal/plaintext"
	"arduino-gateway/internal/portowner"
	"arduino-gateway/internal/ports"
)

func (s *shell) ports(_ context.Context, flags *flag.FlagSet, args []string) error {
	asJSON := flags.Bool("json", false, "print a JSON array, for scripts")
	if err := parse(flags, args); err != nil {
		return err
	}
	all, err := daemon.Machine(s.getenv).List()
	if err != nil {
		return err
	}
	if *asJSON {
		return printJSON(s.stdout, portList(all))
	}
	if len(all) == 0 {
		fmt.Fprint(s.stdout, noPorts)
		return nil
	}
	if err := printTable(s.stdout, all); err != nil {
		return err
	}
	printProblems(s.stdout, all)
	printUnsure(s.stdout, all)
	return nil
}

const noPorts = `no serial ports
- is the board plugged in, with a cable that carries data and not only power?
- does lsusb show the board? if not, try another socket or cable
- to try the gateway without a board: gateway demo
`

// printTable prints one line per port.
func printTable(w io.Writer, all []ports.Port) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PATH\tBOARD OR CHIP\tWRITE AS port:\tUSB ID\tSERIAL NUMBER\tUSB PATH\tDRIVER\tHELD BY")
	for _, p := range all {
		held := ""
		if p.Holder != nil {
			held = p.Holder.String()
		}
		cells := []string{p.Path, p.Name(), p.Value, p.USB(), p.Serial, p.USBPath, p.Driver, held}
		for i, cell := range cells {
			cells[i] = cmp.Or(plaintext.Line(cell), "-")
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	return table.Flush()
}

// printProblems prints the problems of each port, with the commands that fix them, and
// why a port is left alone.
func printProblems(w io.Writer, all []ports.Port) {
	for _, p := range all {
		if p.Foreign != "" {
			fmt.Fprintf(w, "\n%s: %s, so devices: auto and gateway init leave it alone\n", p.Path, leftAlone(p))
		}
		for _, problem := range p.Problems {
			fmt.Fprintf(w, "\n%s: %s\n", cmp.Or(p.Path, "USB "+p.USBPath), plaintext.Line(problem.What))
			if problem.Fix != "" {
				fmt.Fprintf(w, "    %s\n", problem.Fix)
			}
		}
	}
}

// leftAlone returns why a port is not opened unless the user names it; "" if it may be.
func leftAlone(p ports.Port) string {
	if p.Foreign == "" {
		return ""
	}
	return "it " + p.Foreign
}

// printUnsure prints that a port without a holder may have one.
func printUnsure(w io.Writer, all []ports.Port) {
	if slices.ContainsFunc(all, unsure) {
		fmt.Fprint(w, "\nnot all programs can be seen: another user's program, or one outside of this container, may\n"+
			"have a port open for which HELD BY shows none\n")
	}
}

func unsure(p ports.Port) bool { return p.Unsure && p.Path != "" }

// portJSON is one port for scripts. Fields are only ever added.
type portJSON struct {
	Path         string             `json:"path"` // "" if a known board has no port
	Port         string             `json:"port"` // what to write as port:
	Name         string             `json:"name"` // for people
	Kind         string             `json:"kind"` // bridge, native, uart, unknown
	Chip         string             `json:"chip,omitempty"`
	VID          string             `json:"usb_vendor,omitempty"`
	PID          string             `json:"usb_product,omitempty"`
	Serial       string             `json:"serial_number,omitempty"`
	Manufacturer string             `json:"manufacturer,omitempty"`
	Product      string             `json:"product,omitempty"`
	USBPath      string             `json:"usb_path,omitempty"`
	Interface    string             `json:"usb_interface,omitempty"`
	Driver       string             `json:"driver,omitempty"`
	Links        []string           `json:"links"`
	HeldBy       *portowner.Process `json:"held_by"`
	Unsure       bool               `json:"holder_unknown"`       // none was seen, but not all programs can be seen
	LeftAlone    string             `json:"left_alone,omitempty"` // why devices: auto and init do not open it
	Problems     []ports.Problem    `json:"problems"`
}

func portList(all []ports.Port) []portJSON {
	list := make([]portJSON, len(all))
	for i, p := range all {
		list[i] = portJSON{
			Path: p.Path, Port: p.Value, Name: p.Name(), Kind: p.Chip.Kind.String(), Chip: p.Chip.Name,
			VID: p.VID, PID: p.PID, Serial: p.Serial, Manufacturer: p.Manufacturer, Product: p.Product,
			USBPath: p.USBPath, Interface: p.Interface, Driver: p.Driver,
			Links: append([]string{}, p.Links...), HeldBy: p.Holder, Unsure: unsure(p), LeftAlone: leftAlone(p), Problems: append([]ports.Problem{}, p.Problems...),
		}
	}
	return list
}
