package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/daemon"
	"arduino-gateway/internal/mqttadmin"
	"arduino-gateway/internal/plaintext"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/survey"
	"arduino-gateway/internal/twins"
	"arduino-gateway/mqttbridge"
)

const (
	usualBroker = "mqtt://127.0.0.1:1883"
	embedded    = "embedded"
	listenTime  = 5 * time.Second
	tryBroker   = 3 * time.Second
)

// initOptions are the flags of init.
type initOptions struct {
	file        string
	show, force bool
	broker      string // "" leaves it open
	listen      time.Duration
}

// initialise writes a devices.yaml for the boards that are plugged in.
func (s *shell) initialise(ctx context.Context, flags *flag.FlagSet, args []string) error {
	var o initOptions
	flags.StringVar(&o.file, "o", places[0], "`file` to write")
	flags.BoolVar(&o.show, "n", false, "print the file instead of writing it")
	flags.BoolVar(&o.force, "force", false, "replace an existing file")
	flags.StringVar(&o.broker, "broker", "", "`URL` of the broker, or embedded (default "+usualBroker+" if one answers there, else embedded)")
	flags.DurationVar(&o.listen, "for", listenTime, "`duration` to listen to each board, from 1s to 1h")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := o.check(s.getenv); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	out, err := s.explore(ctx, o)
	if err != nil {
		return err
	}
	text, err := validText(o.file, out, s.getenv)
	if err != nil {
		return err
	}
	if o.show {
		_, err := fmt.Fprint(s.stdout, text)
		return err
	}
	if err := writeNew(o.file, text, o.force); err != nil {
		return err
	}
	fmt.Fprintf(s.stdout, "Wrote %s. Check it, then:\n    %s run -c %s\n", o.file, self(), o.file)
	return nil
}

// check finds wrong options before a board is opened.
func (o initOptions) check(getenv func(string) string) error {
	if o.listen < time.Second || o.listen > time.Hour {
		return usagef("-for %v: must be from 1s to 1h", o.listen)
	}
	if _, err := os.Lstat(o.file); err == nil && !o.show && !o.force {
		return fmt.Errorf("%s exists already (hint: -o writes another file, -n only prints, -force replaces it)", o.file)
	}
	any := survey.File{Broker: cmp.Or(o.broker, embedded), Boards: []survey.Heard{{Port: ports.Port{Value: "/dev/ttyACM0"}}}}
	_, err := validText("-broker", any, getenv)
	return err
}

// validText returns the text of the file, after checking that gateway run accepts it.
func validText(name string, f survey.File, getenv func(string) string) (string, error) {
	text, err := f.Text()
	if err != nil {
		return "", err
	}
	_, problems := config.Parse(name, []byte(text), getenv)
	return text, problems.Err()
}

// explore listens to the boards, and looks for a broker.
func (s *shell) explore(ctx context.Context, o initOptions) (survey.File, error) {
	worth, err := s.chooseBoards()
	if err != nil {
		return survey.File{}, err
	}
	out := survey.File{Boards: s.listen(ctx, worth, o.listen)}
	if ctx.Err() != nil {
		return out, errors.New("interrupted: nothing was written")
	}
	if len(out.Boards) == 0 {
		return out, errors.New("no board to write an entry for (hint: gateway demo runs without a board)")
	}
	s.chooseBroker(ctx, o.broker, usualBroker, &out)
	if out.Broker != embedded {
		s.avoidTaken(ctx, &out)
	}
	return out, nil
}

// chooseBoards returns the ports to listen to. It prints which ones it skips, and why.
func (s *shell) chooseBoards() ([]ports.Port, error) {
	all, err := daemon.Machine(s.getenv).List()
	if err != nil {
		return nil, err
	}
	worth, skipped := survey.Choose(all)
	for _, skip := range skipped {
		fmt.Fprintf(s.stderr, "%s skipped: %s\n", whereIs(skip.Port), plaintext.Line(skip.Why))
		if skip.Fix != "" {
			fmt.Fprintf(s.stderr, "    %s\n", skip.Fix)
		}
	}
	if len(all) == 0 {
		fmt.Fprint(s.stderr, noPorts)
	}
	return worth, nil
}

// listen listens to all boards at the same time. It returns those to write an entry for.
func (s *shell) listen(ctx context.Context, boards []ports.Port, length time.Duration) (heard []survey.Heard) {
	if len(boards) == 0 {
		return nil
	}
	fmt.Fprintf(s.stderr, "listening to %s for about %v; opening a port resets most boards\n", strings.Join(pathsOf(boards), ", "), length)
	all := make([]survey.Heard, len(boards))
	var listeners sync.WaitGroup
	for i, board := range boards {
		listeners.Go(func() { all[i] = survey.Listen(ctx, board, daemon.Place(board), length) })
	}
	listeners.Wait()
	for _, h := range all {
		switch {
		case ctx.Err() != nil:
			return nil
		case !h.Opened:
			fmt.Fprintf(s.stderr, "%s skipped: %s\n", whereIs(h.Port), plaintext.Line(h.Problem))
		case h.Bytes == 0 && h.Port.USBPath == "":
			fmt.Fprintf(s.stderr, "%s skipped: it sent nothing, and is not a USB device\n", whereIs(h.Port))
		default:
			fmt.Fprintf(s.stderr, "%s: %s\n", whereIs(h.Port), h.Summary())
			heard = append(heard, h)
		}
	}
	return heard
}

func pathsOf(boards []ports.Port) []string {
	paths := make([]string, len(boards))
	for i, b := range boards {
		paths[i] = b.Path
	}
	return paths
}

// whereIs returns a port and its board: /dev/ttyACM0 (Arduino Uno)
func whereIs(p ports.Port) string {
	where := p.Path
	if where == "" {
		where = "USB " + p.USBPath
	}
	return fmt.Sprintf("%s (%s)", where, plaintext.Line(p.Name()))
}

// chooseBroker sets the broker that is wanted. Without one it sets the usual broker if
// that answers, and else the built-in one.
func (s *shell) chooseBroker(ctx context.Context, wanted, usual string, out *survey.File) {
	out.Broker = cmp.Or(wanted, usual)
	if wanted == embedded {
		return
	}
	at, err := url.Parse(out.Broker)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, tryBroker)
		defer cancel()
		_, err = mqttadmin.Probe(ctx, mqttbridge.Options{ClientID: "gateway-init"}, at)
	}
	out.Secured = mqttadmin.Refused(err)
	switch {
	case err == nil || out.Secured:
	case wanted != "":
		fmt.Fprintf(s.stderr, "the broker does not answer yet: %v\n", err)
	default:
		out.Broker = embedded
		if free, err := freeAddress(at.Host); err == nil && free != at.Host {
			out.Listen = free
		}
	}
}

// avoidTaken finds which device IDs the broker knows as those of other machines. Without an
// answer of the broker none is known.
func (s *shell) avoidTaken(ctx context.Context, out *survey.File) {
	at, err := url.Parse(out.Broker)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tryBroker)
	defer cancel()
	retained, err := mqttadmin.List(ctx, mqttbridge.Options{ClientID: "gateway-init"}, at, config.DefaultBaseTopic+"/+/status", config.DefaultBaseTopic+"/gateway/+/info")
	if err != nil {
		return
	}
	host, _ := os.Hostname()
	out.Taken = twins.Taken(retained, config.DefaultBaseTopic, host, daemon.MachineID(daemon.Machine(s.getenv).Root))
}

// writeNew writes a file, completely or not at all. Without force, the file must not
// exist.
func writeNew(file, text string, force bool) error {
	if !force {
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s exists by now (hint: -force replaces it)", file)
		} else if err != nil {
			return err
		}
		_, err = f.WriteString(text)
		return errors.Join(err, f.Close())
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".new-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
