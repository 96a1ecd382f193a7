package avr

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxPending bounds the unanswered questions to an Uno. It answers in
// milliseconds. Beyond the bound it is stuck, and asking fails at once. So many
// questions fit into a pipe: writing one never blocks.
const maxPending = 16

// listen sorts the output of unosim into events and answers, until its end.
func (u *Uno) listen(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		u.heard(lines.Text())
	}
}

func (u *Uno) heard(line string) {
	kind, rest, _ := strings.Cut(line, " ")
	switch kind {
	case "pty": // pty /dev/pts/3
		u.port = rest
		close(u.ready)
	case "pin": // pin B5 1
		u.setLevel(rest)
	case "cpu": // cpu 0x1f2 it crashed
		u.stopped = rest
	case "port": // port open
	default:
		u.answer(line)
	}
}

// answer sends a line to the oldest question. The caller of that may have left.
func (u *Uno) answer(line string) {
	select {
	case asker := <-u.pending:
		asker <- line // it has room for one
	default:
	}
}

// setLevel reads "B5 1".
func (u *Uno) setLevel(text string) {
	var pin string
	var level Level
	if _, err := fmt.Sscan(text, &pin, &level); err != nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.levels[pin] = level
	close(u.changed)
	u.changed = make(chan struct{})
}

// level returns the level of a watched pin, and a channel that is closed at the
// next change of any pin.
func (u *Uno) level(pin string) (level Level, known bool, changed <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	level, known = u.levels[pin]
	return level, known, u.changed
}

// ask sends a command to unosim and returns the line with its answer.
func (u *Uno) ask(ctx context.Context, command string) (string, error) {
	answer := make(chan string, 1)
	if err := u.send(command, answer); err != nil {
		select {
		case <-u.gone:
			return "", u.err // says why
		default:
			return "", err
		}
	}
	select {
	case line := <-answer:
		return line, refused(line)
	case <-ctx.Done():
		return "", ctx.Err()
	case <-u.gone:
	}
	select { // it may have answered before its end
	case line := <-answer:
		return line, refused(line)
	default:
		return "", u.err
	}
}

// do is ask for a command whose answer is ok.
func (u *Uno) do(ctx context.Context, format string, args ...any) error {
	_, err := u.ask(ctx, fmt.Sprintf(format, args...))
	return err
}

func (u *Uno) send(command string, answer chan string) error {
	u.asking.Lock()
	defer u.asking.Unlock()
	select {
	case u.pending <- answer:
	default:
		return errors.New("the simulated Uno does not answer")
	}
	if _, err := u.stdin.WriteString(command + "\n"); err != nil {
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
	return nil
}

func refused(line string) error {
	if command, bad := strings.CutPrefix(line, "err "); bad {
		return fmt.Errorf("unosim refuses %q", command)
	}
	return nil
}
