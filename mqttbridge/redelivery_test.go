package mqttbridge

import (
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/internal/mosquittotest"
)

// The journal of commands relies on this: without PUBACK a broker delivers a message
// again with the same packet identifier and the duplicate flag.
func TestMosquitto_Redelivers(t *testing.T) {
	broker := mosquittotest.Start(t)
	type seen struct {
		id  uint16
		dup bool
	}
	visit := func() seen {
		got := make(chan seen, 10)
		o := mqtt.NewClientOptions().AddBroker(broker.URL().String()).SetClientID("uno").SetCleanSession(false).
			SetAutoAckDisabled(true).SetAutoReconnect(false)
		o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { got <- seen{m.MessageID(), m.Duplicate()} })
		c := mqtt.NewClient(o)
		if token := c.Connect(); !token.WaitTimeout(5*time.Second) || token.Error() != nil {
			t.Fatal(token.Error())
		}
		defer c.Disconnect(0)
		if token := c.Subscribe("set", 1, nil); !token.WaitTimeout(5*time.Second) || token.Error() != nil {
			t.Fatal(token.Error())
		}
		if token := c.Publish("set", 1, false, "on"); !token.WaitTimeout(5 * time.Second) {
			t.Fatal("not published")
		}
		select {
		case s := <-got:
			return s
		case <-time.After(5 * time.Second):
			t.Fatal("nothing came")
			return seen{}
		}
	}
	first, second := visit(), visit()
	if first.dup || !second.dup || first.id != second.id {
		t.Errorf("first %+v, then %+v", first, second)
	}
}
