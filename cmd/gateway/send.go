package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/reload"
	"arduino-gateway/internal/spelling"
	"arduino-gateway/mqttbridge"
)

// answerWithin is how long send waits for a result: a command may wait for the
// board until gateway.Expiry, and the result needs its way back.
const answerWithin = gateway.Expiry + 5*time.Second

func (s *shell) send(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	if err := parse(flags, args, 2, 3); err != nil {
		return err
	}
	settings, err := s.load(*file)
	if err != nil {
		return err
	}
	id, name, value := flags.Arg(0), flags.Arg(1), flags.Arg(2)
	if err := known(settings, id); err != nil {
		return err
	}
	files, err := readFiles(settings, s.getenv)
	if err != nil {
		return err
	}
	options, err := sessionOptions(reload.State{Config: settings, Files: files})
	if err != nil {
		return err
	}
	options.Brokers = settings.MQTT.Reachable()
	options.Topic = settings.MQTT.BaseTopic + "/" + id
	ctx, stop := interruptible(ctx)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, answerWithin,
		fmt.Errorf("no result within %v (hint: is `gateway run` up, and on this broker?)", answerWithin))
	defer cancel()
	result, err := mqttbridge.Ask(ctx, options, name, value)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.stdout, string(result.Payload))
	if result.Status != device.Done && result.Status != device.Sent {
		return fmt.Errorf("%s: %s", result.Status, result.Error)
	}
	return nil
}

func known(settings *config.Config, id string) error {
	var names []string
	for _, d := range settings.Devices {
		if d.ID == id {
			return nil
		}
		names = append(names, d.ID)
	}
	if len(names) == 0 {
		return errors.New("the configuration has no devices")
	}
	return fmt.Errorf("no device %q in the configuration (hint: %s)", id, spelling.Hint(id, names))
}
