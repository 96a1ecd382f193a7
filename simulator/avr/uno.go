package avr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// ErrGone is in the errors of an Uno whose process has ended.
var ErrGone = errors.New("the simulated Uno is gone")

// closePatience is how long an Uno may take to end before it is killed.
const closePatience = 2 * time.Second

// Uno is a simulated Arduino Uno that runs. It is safe for concurrent use. The
// owner calls Close.
type Uno struct {
	options Options
	command *exec.Cmd
	stdin   *os.File
	ready   chan struct{} // closed once the pty exists
	gone    chan struct{} // closed once the process has ended, after err is set
	err     error
	port    string
	stopped string // where and why the CPU stopped; "" if it did not

	asking  sync.Mutex       // keeps a question and its place in pending together
	pending chan chan string // questions without an answer yet, in order

	mu      sync.Mutex
	levels  map[string]Level // of watched pins, by the name for unosim
	changed chan struct{}    // closed and replaced when a level changes
}

// Start runs an Uno and waits until its port exists. ctx bounds only the start:
// the Uno runs until Close.
func Start(ctx context.Context, o Options) (u *Uno, err error) {
	defer wrap(&err, "start a simulated Uno")
	program, err := Build(ctx, "")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(o.Hex); err != nil {
		return nil, err // a better error than that of unosim
	}
	u = newUno(o)
	if err := u.launch(program); err != nil {
		return nil, err
	}
	select {
	case <-u.ready:
		return u, nil
	case <-u.gone:
		return nil, errors.Join(u.err, u.Close())
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), u.Close())
	}
}

func newUno(o Options) *Uno {
	return &Uno{
		options: o,
		ready:   make(chan struct{}),
		gone:    make(chan struct{}),
		pending: make(chan chan string, maxPending),
		levels:  map[string]Level{},
		changed: make(chan struct{}),
	}
}

// launch starts the process, and the one goroutine that reads its output and
// waits for its end.
func (u *Uno) launch(program string) error {
	childIn, stdin, err := os.Pipe()
	if err != nil {
		return err
	}
	stdout, childOut, err := os.Pipe()
	if err != nil {
		return errors.Join(err, childIn.Close(), stdin.Close())
	}
	u.stdin = stdin
	u.command = exec.Command(program, u.options.args()...)
	u.command.Stdin, u.command.Stdout = childIn, childOut
	u.command.SysProcAttr = dieWithParent()
	started := make(chan error)
	go u.run(stdout, started)
	err = <-started
	return errors.Join(err, childIn.Close(), childOut.Close())
}

// run owns the process from start to end. It is locked to its thread, which is
// the parent of the child for the kernel.
func (u *Uno) run(stdout *os.File, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(u.gone)
	defer stdout.Close()
	var complaint bytes.Buffer
	u.command.Stderr = &complaint
	err := u.command.Start()
	started <- err
	if err != nil {
		u.err = errors.Join(ErrGone, err, u.stdin.Close())
		return
	}
	u.listen(stdout)
	u.err = u.verdict(u.command.Wait(), complaint.String())
}

// verdict returns why the process has ended; nil if Close ended it.
func (u *Uno) verdict(err error, complaint string) error {
	switch {
	case u.stopped != "":
		return fmt.Errorf("%w: the CPU stopped at %s", ErrGone, u.stopped)
	case err == nil:
		return ErrGone
	}
	return fmt.Errorf("%w: %w: %s", ErrGone, err, tail(complaint))
}

// Port returns the path to open: the link if Options.Link is set, else the pty.
func (u *Uno) Port() string {
	if u.options.Link != "" {
		return u.options.Link
	}
	return u.port
}

// Done returns a channel that is closed when the process of the Uno has ended,
// for any reason.
func (u *Uno) Done() <-chan struct{} { return u.gone }

// Unplug pulls the cable: the port and its link disappear even if they are open,
// and the Uno ends. Start plugs in another one under the same link.
func (u *Uno) Unplug(ctx context.Context) error {
	if err := u.do(ctx, "unplug"); err != nil {
		return fmt.Errorf("unplug: %w", err)
	}
	select {
	case <-u.gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("unplug: %w", ctx.Err())
	}
}

// Close ends the Uno, by force if it does not listen, and returns when its
// process has ended. It may be called again.
func (u *Uno) Close() error {
	err := u.stdin.Close() // the end of its input makes it end
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	patience := time.NewTimer(closePatience)
	defer patience.Stop()
	select {
	case <-u.gone:
		return err
	case <-patience.C:
		return errors.Join(err, u.kill())
	}
}

// kill also removes the link, since the process can no longer do that.
func (u *Uno) kill() error {
	err := u.command.Process.Kill()
	<-u.gone
	if target, e := os.Readlink(u.options.Link); e == nil && target == u.port {
		err = errors.Join(err, os.Remove(u.options.Link))
	}
	return errors.Join(errors.New("the simulated Uno did not end and was killed"), err)
}
