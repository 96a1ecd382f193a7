package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/control"
	"arduino-gateway/internal/daemon"
	"arduino-gateway/internal/deviceid"
	"arduino-gateway/internal/mqttadmin"
	"arduino-gateway/internal/spelling"
)

func (s *shell) send(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	if err := parse(flags, args, "DEVICE", "COMMAND", "[VALUE]"); err != nil {
		return err
	}
	settings, err := s.load(*file)
	if err != nil {
		return err
	}
	id, name, value := flags.Arg(0), flags.Arg(1), flags.Arg(2)
	board, err := known(settings, id)
	if err != nil {
		return err
	}
	options, err := daemon.SessionOptions(settings, s.getenv)
	if err != nil {
		return err
	}
	options.Brokers = settings.MQTT.Reachable()
	options.Topic = settings.MQTT.BaseTopic + "/" + id
	ctx, stop := interruptible(ctx)
	defer stop()
	within := daemon.ResultTimeout(board)
	ctx, cancel := context.WithTimeoutCause(ctx, within,
		fmt.Errorf("no result within %v", within))
	defer cancel()
	before := handled(ctx, settings, id)
	result, err := mqttadmin.Ask(ctx, options, name, value)
	if missing, ok := errors.AsType[*mqttadmin.NoResultError](err); ok {
		missing.Received = handled(context.WithoutCancel(ctx), settings, id) > before
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, string(result.Payload))
	if result.Status != device.Done && result.Status != device.Sent {
		return fmt.Errorf("%s: %s", result.Status, result.Error)
	}
	return nil
}

// handled returns how many commands of a device the running gateway has handled, 0 if
// none runs here.
func handled(ctx context.Context, settings *config.Config, id string) uint64 {
	socket, err := control.Path(settings.Spool.Dir)
	if err != nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	now, err := control.AskStatus(ctx, socket)
	if err != nil {
		return 0
	}
	for _, d := range now.Devices {
		if d.ID == id {
			return d.Counts.Sent + d.Counts.Rejected + d.Counts.Unsent
		}
	}
	return 0
}

func known(settings *config.Config, id string) (device.Device, error) {
	var names []string
	for _, d := range settings.Devices {
		if d.ID == id {
			return d, nil
		}
		names = append(names, d.ID)
	}
	if settings.Auto.On && deviceid.Valid(id) { // a board may have brought it
		return device.Device{ID: id}, nil
	}
	if len(names) == 0 {
		return device.Device{}, errors.New("the configuration has no devices")
	}
	return device.Device{}, fmt.Errorf("no device %q in the configuration (hint: %s)", id, spelling.Hint(id, names))
}
