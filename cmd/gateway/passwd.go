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

	"golang.org/x/term"

	"arduino-gateway/internal/broker"
)

// passwd sets a password in the users file of the built-in broker.
func (s *shell) passwd(_ context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	users := flags.String("f", "", "users `file` (default mqtt.embedded.users_file of the configuration)")
	if err := parse(flags, args, "NAME"); err != nil {
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
	fmt.Fprintf(s.stdout, "password of %s set in %s; a running gateway uses it at once\n", name, path)
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
		return "", errors.New("the configuration has no mqtt.embedded.users_file (hint: add the key, or name a file with -f)")
	}
	return settings.MQTT.UsersFile, nil
}

// askPassword asks for the password on a terminal. Elsewhere it reads the first line of
// standard input.
func (s *shell) askPassword(name string) (string, error) {
	if terminal, ok := s.stdin.(*os.File); ok && term.IsTerminal(int(terminal.Fd())) {
		return askTwice(terminal, s.stderr, name)
	}
	line, err := bufio.NewReader(s.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return checked(line)
}

// askTwice asks for the password twice, without echo. Ctrl-C arrives as a character, so
// the terminal is always restored.
func askTwice(terminal *os.File, out io.Writer, name string) (string, error) {
	before, err := term.MakeRaw(int(terminal.Fd()))
	if err != nil {
		return "", fmt.Errorf("hide the password: %w", err)
	}
	defer func() { _ = term.Restore(int(terminal.Fd()), before) }()
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{terminal, out}, "")
	first, err := askHidden(screen, fmt.Sprintf("password of %s: ", name))
	if err != nil {
		return "", err
	}
	second, err := askHidden(screen, "once more: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the passwords differ: nothing was changed")
	}
	return first, nil
}

func askHidden(screen *term.Terminal, prompt string) (string, error) {
	line, err := screen.ReadPassword(prompt)
	if errors.Is(err, io.EOF) {
		return "", errors.New("cancelled: nothing was changed")
	}
	if err != nil {
		return "", err
	}
	return checked(line)
}

func checked(line string) (password string, err error) {
	password = strings.TrimRight(line, "\r\n")
	if password == "" {
		return "", errors.New("the password is empty: nothing was changed")
	}
	return password, nil
}
