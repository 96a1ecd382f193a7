package mqttbridge_test

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/mqttbridge"
)

// readings is a Source of one line. A real one holds lines until Ack, on disk.
type readings struct {
	line  device.Line
	given bool
	acked chan uint64
	ready chan struct{}
}

func (r *readings) Next() (device.Line, bool) {
	if r.given {
		return device.Line{}, false
	}
	r.given = true
	return r.line, true
}

func (r *readings) Rewind()                {}
func (r *readings) Ack(seq uint64)         { r.acked <- seq }
func (r *readings) Ready() <-chan struct{} { return r.ready }

// board carries out commands. It only overrides what it needs of NopHandler.
type board struct {
	mqttbridge.NopHandler
	commands chan device.Message
}

func (b board) Message(m device.Message) { b.commands <- m }

// A session publishes readings until the broker has them, and receives commands.
func Example() {
	broker, send, stop := localBroker() // any MQTT broker and client
	defer stop()
	options := mqttbridge.Options{
		Brokers:      []*url.URL{broker},
		ClientID:     "greenhouse",
		CleanSession: true,
		Topic:        "devices/greenhouse",
		StatusTopic:  "devices/greenhouse/status",
		QoS:          1,
	}
	if err := options.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	source := &readings{acked: make(chan uint64, 1), line: device.Line{Seq: 1, Time: time.Now(),
		Readings: []device.Reading{{Name: "temperature", Value: "23.50"}}}}
	handler := board{commands: make(chan device.Message, 16)}
	session := mqttbridge.New(options, source, handler, nil)
	session.SetOnline(true)

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- session.Run(ctx) }()

	fmt.Println("the broker has line", <-source.acked)
	result := send("led", "on")
	command := <-handler.commands
	fmt.Printf("command %s %s\n", command.Command, command.Payload)
	session.Result(command.Command, device.Result{Status: device.Done, Value: "on"}, nil)
	fmt.Println(<-result)

	cancel() // publishes offline and disconnects
	fmt.Println(<-ended)
	// Output:
	// the broker has line 1
	// command led on
	// {"status":"done","value":"on","took_ms":0}
	// <nil>
}

// Validate names each field that is wrong.
func ExampleOptions_Validate() {
	options := mqttbridge.Options{Brokers: []*url.URL{{Scheme: "http", Host: "broker"}}, QoS: 2, Topic: "devices/+"}
	fmt.Println(options.Validate())
	// Output:
	// Brokers[0]: unknown scheme "http" (hint: mqtt, mqtts, ws, wss)
	// ClientID: empty, with CleanSession false (hint: a broker keeps a session under its client ID)
	// QoS: 2 (hint: 0 or 1)
	// Topic: "devices/+" has a wildcard or a NUL
}
