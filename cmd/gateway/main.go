// Command gateway publishes what Arduino boards print over serial to MQTT, and writes
// commands from MQTT to the boards.
//
// Each command has a file: its flags, a call, and what it prints. What runs is in
// internal/daemon.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"arduino-gateway/internal/plaintext"
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

// shell is what a command may use of the process around it. Its run makes stdout and
// stderr escape whatever could act on a terminal: most of what is printed has words of
// boards, brokers and clients in it.
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
		{"run", "[-c devices.yaml]", "run the gateway until Ctrl-C or SIGTERM", (*shell).runGateway},
		{"demo", "", "try everything with virtual boards and the built-in broker", (*shell).demo},
		{"init", "[-o devices.yaml] [-n] [-force]", "listen to the boards that are plugged in, and write a devices.yaml for them", (*shell).initialise},
		{"check", "[-c devices.yaml] [-lines FILE [-d DEVICE]]", "validate and explain the configuration, or show what it makes of lines", (*shell).check},
		{"doctor", "[-c devices.yaml] [--json]", "find problems, and print how to fix them; opens no port", (*shell).doctor},
		{"ports", "[--json]", "list the serial ports, the port: value to use, and problems; opens none", (*shell).ports},
		{"simulate", "SCENARIO.yaml", "run virtual boards on pseudo-terminals", (*shell).simulate},
		{"monitor", "[-c devices.yaml] [DEVICE]", "show a live table of the boards, or the live lines of one", (*shell).monitor},
		{"send", "[-c devices.yaml] DEVICE COMMAND [VALUE]", "send a command and print its result", (*shell).send},
		{"pause", "[-c devices.yaml] [-for 2m] DEVICE", "close a device's port for an upload, and reopen it by itself", (*shell).pause},
		{"resume", "[-c devices.yaml] DEVICE", "end a pause early", (*shell).resume},
		{"forget", "[-c devices.yaml] DEVICE", "forget a board that devices: auto detected and that is gone for good", (*shell).forget},
		{"passwd", "[-c devices.yaml] NAME", "set a password of the built-in broker", (*shell).passwd},
		{"version", "", "print version, commit and Go version", (*shell).version},
	}
}

// usageError reports wrong usage: exit code 2.
type usageError struct{ error }

func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// errReported ends a command that has printed its errors already: exit code 1.
var errReported = errors.New("")

// run runs the command that args name, and returns the exit code.
func (s *shell) run(ctx context.Context, args []string) int {
	s.stdout, s.stderr = plaintext.Writer{Out: s.stdout}, plaintext.Writer{Out: s.stderr}
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
	case errors.Is(err, errReported):
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
	fmt.Fprint(w, "gateway publishes what serial boards print over MQTT, and sends commands back to them.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-54s %s\n", c.usage(), c.does)
	}
	fmt.Fprint(w, "\ngateway COMMAND -h lists the options of a command. Begin with: gateway demo\n")
}

func (s *shell) commandHelp(w io.Writer, c command, flags *flag.FlagSet) {
	fmt.Fprintf(w, "%s\n    %s\n", c.usage(), c.does)
	flags.SetOutput(w)
	flags.PrintDefaults()
}

// parseMixed is parse for flags that may also stand after arguments, as in
// pause DEVICE -for 2m.
func parseMixed(flags *flag.FlagSet, args []string, names ...string) error {
	var words []string
	for len(args) > 0 {
		if err := parseFlags(flags, args); err != nil {
			return err
		}
		if args = flags.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	return parse(flags, append([]string{"--"}, words...), names...)
}

// parse reads the flags of a command, and checks that the arguments with these names
// follow. A name in brackets, such as [VALUE], is optional.
func parse(flags *flag.FlagSet, args []string, names ...string) error {
	if err := parseFlags(flags, args); err != nil {
		return err
	}
	n := flags.NArg()
	if n > len(names) {
		return usagef("unexpected argument %q", flags.Arg(len(names)))
	}
	if n < len(names) && !strings.HasPrefix(names[n], "[") {
		return usagef("missing argument %s", names[n])
	}
	return nil
}

func parseFlags(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return usageError{err}
}
