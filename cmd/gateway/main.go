// Command gateway publishes what Arduino boards print over serial as MQTT
// topics, and writes commands that come by MQTT back to the boards.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"arduino-gateway/internal/spelling"
)

func main() {
	tune()
	s := &shell{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	os.Exit(s.run(context.Background(), os.Args[1:]))
}

// Exit codes of the binary.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// shell is what a command may use of the process around it.
type shell struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}

// command is one word that follows gateway on the command line.
type command struct {
	name, args, does string
	run              func(s *shell, ctx context.Context, flags *flag.FlagSet, args []string) error
}

func commands() []command {
	return []command{
		{"run", "[-c devices.yaml]", "run the gateway until it is told to stop", (*shell).runGateway},
		{"demo", "", "show the main job with virtual boards and the built-in broker", (*shell).demo},
		{"init", "[-o devices.yaml] [-n] [-force]", "listen to the attached boards, and write a devices.yaml for them", (*shell).initialise},
		{"check", "[-c devices.yaml]", "validate and explain the configuration", (*shell).check},
		{"doctor", "[-c devices.yaml] [--json]", "find what is wrong, and say what mends it; opens no port", (*shell).doctor},
		{"ports", "[--json]", "list the serial ports, what to write as port: and what is wrong; opens none", (*shell).ports},
		{"simulate", "SCENARIO.yaml", "run virtual boards on pseudo-terminals", (*shell).simulate},
		{"monitor", "[-c devices.yaml] [DEVICE]", "show a live table of the running gateway's boards, or the live lines of one", (*shell).monitor},
		{"send", "[-c devices.yaml] DEVICE COMMAND [VALUE]", "send a command and print its result", (*shell).send},
		{"pause", "[-c devices.yaml] [-for 2m] DEVICE", "give a device's port up for an upload, and take it back by itself", (*shell).pause},
		{"resume", "[-c devices.yaml] DEVICE", "end a pause before its time", (*shell).resume},
		{"forget", "[-c devices.yaml] DEVICE", "forget a board that devices: auto has found and that is gone for good", (*shell).forget},
		{"passwd", "[-c devices.yaml] NAME", "set a password of the built-in broker", (*shell).passwd},
		{"version", "", "print version, commit and Go version", (*shell).version},
	}
}

// usageError is a wrong use of the command line: exit code 2.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// errTold ends a command that has already said what is wrong: exit code 1.
var errTold = errors.New("")

// run does what args say and gives the exit code.
func (s *shell) run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		s.help(s.stderr)
		return exitUsage
	}
	switch args[0] {
	case "-version", "--version":
		args = append([]string{"version"}, args[1:]...)
	case "-h", "-help", "--help", "help":
		if len(args) == 1 {
			s.help(s.stdout)
			return exitDone
		}
		args = []string{args[1], "-h"}
	}
	var names []string
	for _, c := range commands() {
		if c.name == args[0] {
			return s.dispatch(ctx, c, args[1:])
		}
		names = append(names, c.name)
	}
	hint := "gateway -h lists them"
	if near := spelling.Nearest(args[0], names); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	fmt.Fprintf(s.stderr, "gateway: unknown command %q (hint: %s)\n", args[0], hint)
	return exitUsage
}

func (s *shell) dispatch(ctx context.Context, c command, args []string) int {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	err := c.run(s, ctx, flags, args)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, flag.ErrHelp):
		s.commandHelp(s.stdout, c, flags)
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintf(s.stderr, "gateway %s: %v\nusage: %s\n", c.name, err, c.usage())
		return exitUsage
	case errors.Is(err, errTold):
		return exitFailed
	default:
		fmt.Fprintf(s.stderr, "gateway %s: %v\n", c.name, err)
		return exitFailed
	}
}

func (c command) usage() string {
	return strings.TrimSpace("gateway " + c.name + " " + c.args)
}

func (s *shell) help(w io.Writer) {
	fmt.Fprint(w, "gateway brings serial boards to MQTT and back.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-54s %s\n", c.usage(), c.does)
	}
	fmt.Fprint(w, "\ngateway COMMAND -h tells more. Begin with: gateway demo\n")
}

func (s *shell) commandHelp(w io.Writer, c command, flags *flag.FlagSet) {
	fmt.Fprintf(w, "%s\n    %s\n", c.usage(), c.does)
	flags.SetOutput(w)
	flags.PrintDefaults()
}

// parseMixed reads flags wherever they stand, as in pause DEVICE -for 2m.
func parseMixed(flags *flag.FlagSet, args []string, least, most int) error {
	var words []string
	for len(args) > 0 {
		if err := parse(flags, args, 0, len(args)); err != nil {
			return err
		}
		if args = flags.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	return parse(flags, append([]string{"--"}, words...), least, most)
}

// parse reads the flags of a command and checks how many arguments follow.
func parse(flags *flag.FlagSet, args []string, least, most int) error {
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError{err}
	}
	switch n := flags.NArg(); {
	case n < least:
		return usagef("%d more needed on the command line", least-n)
	case n > most:
		return usagef("%q is too much on the command line", flags.Arg(most))
	}
	return nil
}
