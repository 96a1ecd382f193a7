package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"time"

	"arduino-gateway/internal/monitor"
)

// ErrNotRunning is wrapped by a client's error if no gateway answers at the path.
var ErrNotRunning = errors.New("the gateway is not running")

// Watch receives a device's events from the gateway at the socket, and calls each with
// them, in order. An empty device means all devices, also those added later. Watch
// returns nil when ctx ends, the error of each, or an error when the gateway stops. The
// first event is a note that the watch has begun.
func Watch(ctx context.Context, path, device string, each func(monitor.Event) error) error {
	err := converse(ctx, path, request{Do: doWatch, Device: device}, func(line []byte) error {
		event, err := decodeEvent(line, device)
		if err != nil {
			return err
		}
		return each(event)
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Pause asks the gateway at the socket to release a device's port for a length of whole
// seconds, and returns when the port is closed.
func Pause(ctx context.Context, path, device string, length time.Duration) (Paused, error) {
	var answer Paused
	err := ask(ctx, path, request{Do: doPause, Device: device, Seconds: int64(length / time.Second)}, &answer)
	return answer, err
}

// Resume asks the gateway at the socket to end a pause, and reports whether the device was
// paused.
func Resume(ctx context.Context, path, device string) (paused bool, err error) {
	var answer resumed
	err = ask(ctx, path, request{Do: doResume, Device: device}, &answer)
	return answer.Paused, err
}

// Forget asks the gateway at the socket to remove a detected device that is unplugged.
func Forget(ctx context.Context, path, device string) error {
	return ask(ctx, path, request{Do: doForget, Device: device}, &struct{}{})
}

// AskStatus asks the gateway at the socket for its status.
func AskStatus(ctx context.Context, path string) (Status, error) {
	var answer Status
	err := ask(ctx, path, request{Do: doStatus}, &answer)
	return answer, err
}

// ask makes a request with one answer.
func ask(ctx context.Context, path string, r request, answer any) error {
	err := converse(ctx, path, r, func(line []byte) error {
		if err := decodeAnswer(line, r.Device, answer); err != nil {
			return err
		}
		return io.EOF
	})
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return err
}

// converse makes a request and calls take with each answer until there are no more,
// take fails, or ctx ends.
func converse(ctx context.Context, path string, r request, take func(line []byte) error) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
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
	if err := send(c, r); err != nil {
		return fmt.Errorf("ask the gateway for %s: %w", r, err)
	}
	in := bufio.NewScanner(c)
	in.Buffer(nil, maxAnswer)
	for in.Scan() {
		if err := take(in.Bytes()); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("%s: %w", r, err)
	}
	return fmt.Errorf("%s: the gateway has stopped", r)
}

// dialError adds the likely reason and a hint.
func dialError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errRefused) {
		return fmt.Errorf("socket %s: %w (hint: start `gateway run`, or use its -c file here)", path, ErrNotRunning)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("socket %s: %w (hint: run it as the service's user: sudo -u gateway gateway …)", path, err)
	}
	return fmt.Errorf("socket %s: %w", path, err)
}
