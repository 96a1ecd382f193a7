package mqttbridge_test

import (
	"context"
	"net/url"
	"time"

	"arduino-gateway/internal/broker"
	"arduino-gateway/internal/mqttadmin"
	"arduino-gateway/mqttbridge"
)

// localBroker starts a broker on a free port for the example. send sends a
// command to greenhouse; the channel gets its result. stop ends the broker.
func localBroker() (at *url.URL, send func(command, value string) <-chan string, stop func()) {
	b, err := broker.New(broker.Options{Listen: "127.0.0.1:0"})
	if err == nil {
		err = b.Start()
	}
	if err != nil {
		panic(err)
	}
	at = &url.URL{Scheme: "mqtt", Host: b.Addr()}
	send = func(command, value string) <-chan string {
		result := make(chan string, 1)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			options := mqttbridge.Options{Brokers: []*url.URL{at}, Topic: "devices/greenhouse"}
			awaitOnline(ctx, options, at)
			answer, err := mqttadmin.Ask(ctx, options, command, value)
			if err != nil {
				answer.Payload = []byte(err.Error())
			}
			result <- string(answer.Payload)
		}()
		return result
	}
	return at, send, b.Close
}

// awaitOnline waits until the session of the example says that it is online: from
// then on the broker has its subscription, and no command is lost.
func awaitOnline(ctx context.Context, options mqttbridge.Options, at *url.URL) {
	topic := options.Topic + "/status"
	for status := ""; status != "online" && ctx.Err() == nil; {
		if retained, err := mqttadmin.List(ctx, options, at, topic); err == nil {
			status = retained[topic]
		}
	}
}
