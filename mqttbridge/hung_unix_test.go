//go:build unix

package mqttbridge

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/internal/mqtttest"
)

// A broker that hangs delays the connection to the next by two seconds and is then tried
// last. A session stays with the broker that it has found, unless its list counts as
// written.
func TestSession_HungBroker(t *testing.T) {
	for _, asWritten := range []bool{false, true} {
		t.Run(fmt.Sprint("as written ", asWritten), func(t *testing.T) {
			t.Parallel()
			first, second := mosquittotest.Start(t), mosquittotest.Start(t)
			network := mosquittotest.NewNetwork(t, second.URL())
			o := deviceOptions(first.URL(), network.URL())
			o.AsWritten = asWritten
			first.Freeze()
			begin := time.Now()
			s := run(t, o)
			s.waitConnected()
			if took := time.Since(begin); took < 2*time.Second || took > 8*time.Second {
				t.Errorf("connected after %v", took)
			}
			first.Thaw()
			listener := mqtttest.Listen(t, first.URL())
			mqtttest.Must(t, listener.Publish("end", 1, false, ""))
			listener.Wait(t, "end ")
			if all := strings.Join(listener.All(), "\n"); strings.Contains(all, "offline") {
				t.Errorf("the will of the CONNECT that was given up was published:\n%s", all)
			}
			next := map[bool]*url.URL{false: network.URL(), true: first.URL()}[asWritten]
			connects := s.log.Count("msg=connected", next.String())
			network.Cut()
			mqtttest.Eventually(t, "connection to "+next.Host, func() bool { return s.log.Count("msg=connected", next.String()) > connects })
		})
	}
}
