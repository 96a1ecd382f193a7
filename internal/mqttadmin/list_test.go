package mqttadmin

import (
	"fmt"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// What a broker retains is listed up to a limit, however much there is.
func TestList_Bounded(t *testing.T) {
	broker := mosquittotest.Start(t, "max_queued_messages 0", "max_inflight_messages 0")
	client, err := mqtttest.TryConnect(broker.URL(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(0)
	for i := range maxRetained + 1000 {
		client.Publish(fmt.Sprintf("devices/d%d/status", i), 0, true, "online")
	}
	client.Publish("devices/last/status", 1, true, "online").Wait()
	got, err := List(t.Context(), deviceOptions(broker.URL()), broker.URL(), "devices/+/status")
	if err != nil || len(got) != maxRetained {
		t.Errorf("%d topics, %v", len(got), err)
	}
}
