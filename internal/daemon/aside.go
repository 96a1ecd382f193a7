package daemon

import (
	"log/slog"
	"path/filepath"

	"arduino-gateway/device"
	"arduino-gateway/internal/refused"
	"arduino-gateway/mqttbridge"
)

// refusedDir is the folder below spool.dir with the messages that were put aside.
const refusedDir = "refused"

// gatewayName is the name of the gateway's own session. No device can have it.
const gatewayName = "gateway"

// keeper is the handler of a session that also keeps, in a file, the messages that were
// put aside.
type keeper struct {
	mqttbridge.Handler
	store *refused.Store
}

func newKeeper(to mqttbridge.Handler, dir, name string, log *slog.Logger) keeper {
	return keeper{to, refused.NewStore(filepath.Join(dir, refusedDir), name, log)}
}

// Refused keeps a message, and passes it on.
func (k keeper) Refused(m device.Refused) {
	k.store.Keep(m)
	k.Handler.Refused(m)
}
