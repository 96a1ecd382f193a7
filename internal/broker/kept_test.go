package broker

import (
	"fmt"
	"testing"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// What waits for a kept session comes when its client is back: all of it, in order.
func TestBroker_KeptSessionHasItsQueue(t *testing.T) {
	b := start(t, nil)
	kept := func() (*paho.ClientOptions, chan string) {
		got := make(chan string, 100)
		o := options(b, "board").SetCleanSession(false).SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
			got <- fmt.Sprintf("%s=%s dup=%t", m.Topic(), m.Payload(), m.Duplicate())
		})
		return o, got
	}
	o, _ := kept()
	c := paho.NewClient(o)
	wait(t, c.Connect())
	wait(t, c.Subscribe("devices/board/set/#", 1, nil))
	settle(t, c)
	c.Disconnect(100)

	writer := connect(t, options(b, "writer"))
	var all []string
	for i := range 40 {
		wait(t, writer.Publish(fmt.Sprintf("devices/board/set/led%d", i), 1, false, fmt.Sprint(i)))
		all = append(all, fmt.Sprintf("devices/board/set/led%d=%d dup=false", i, i))
	}
	settle(t, writer)
	o, got := kept()
	connect(t, o)
	want(t, got, all...)
}
