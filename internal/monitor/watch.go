package monitor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
)

// ErrNotRunning is wrapped by Watch's error where no gateway answers at the path.
var ErrNotRunning = errors.New("the gateway is not running")

// Watch asks the gateway at the socket for a device's events and calls each with
// them, in order, until ctx ends (nil), each fails (its error), or the gateway
// ends. The first event is a note that the watching began.
func Watch(ctx context.Context, path, device string, each func(Event) error) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return dialError(path, err)
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		_ = c.Close()
	})
	defer func() {
		if stop() {
			_ = c.Close()
		} else {
			<-closed
		}
	}()
	err = converse(c, device, each)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// dialError puts the likely reason in a user's words.
func dialError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errRefused) {
		return fmt.Errorf("monitor %s: %w (hint: is `gateway run` up, with the same -c file?)", path, ErrNotRunning)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("monitor %s: %w (hint: run it as the gateway's own user, such as with sudo)", path, err)
	}
	return fmt.Errorf("monitor %s: %w", path, err)
}

// converse makes the request and reads answers until there are no more.
func converse(c net.Conn, device string, each func(Event) error) error {
	if err := send(c, request{Device: device}); err != nil {
		return fmt.Errorf("ask the gateway for %q: %w", device, err)
	}
	in := bufio.NewScanner(c)
	in.Buffer(nil, maxEvent)
	for in.Scan() {
		event, refused, err := decodeAnswer(in.Bytes())
		if err != nil {
			return err
		}
		if refused != nil {
			return refused.asError()
		}
		if err := each(event); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("watch %q: %w", device, err)
	}
	return fmt.Errorf("watch %q: the gateway has stopped", device)
}

// asError names what could have been meant.
func (r *refusal) asError() error {
	if len(r.Devices) == 0 {
		return errors.New(r.Error)
	}
	return fmt.Errorf("%s (hint: there are %s)", r.Error, strings.Join(r.Devices, ", "))
}
