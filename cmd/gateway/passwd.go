package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"arduino-gateway/internal/broker"
)

// passwd sets a password in the users file of the built-in broker.
func (s *shell) passwd(_ context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	users := flags.String("f", "", "users `file` (default: mqtt.embedded.users_file of the configuration)")
	if err := parse(flags, args, 1, 1); err != nil {
		return err
	}
	path, err := s.usersFile(*users, *file)
	if err != nil {
		return err
	}
	name := flags.Arg(0)
	password, err := s.askPassword(name)
	if err != nil {
		return err
	}
	hash, err := broker.HashPassword(password)
	if err != nil {
		return err
	}
	if err := broker.WriteUser(path, name, hash); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "password of %s set in %s; a gateway that runs takes it over at once\n", name, path)
	return nil
}

func (s *shell) usersFile(users, file string) (string, error) {
	if users != "" {
		return users, nil
	}
	settings, err := s.load(file)
	if err != nil {
		return "", err
	}
	if settings.MQTT.UsersFile == "" {
		return "", errors.New("the configuration has no mqtt.embedded.users_file (hint: add it, or name a file with -f)")
	}
	return settings.MQTT.UsersFile, nil
}

// askPassword asks twice on a terminal; else the first line of standard input
// is the password.
func (s *shell) askPassword(name string) (string, error) {
	in := bufio.NewReader(s.stdin)
	terminal, ok := s.stdin.(*os.File)
	if !ok || !isTerminal(terminal) {
		return firstLine(in)
	}
	restore, err := hideInput(terminal)
	if err != nil {
		return "", err
	}
	defer restore()
	fmt.Fprintf(s.stderr, "password of %s: ", name)
	first, err := firstLine(in)
	if err != nil {
		return "", err
	}
	fmt.Fprint(s.stderr, "\nonce more: ")
	second, err := firstLine(in)
	fmt.Fprintln(s.stderr)
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two differ: nothing was changed")
	}
	return first, nil
}

func firstLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("an empty password is none: nothing was changed")
	}
	return line, nil
}
