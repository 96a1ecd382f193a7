package mosquittotest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"arduino-gateway/internal/programtest"
)

// RefuseSubscriptions returns lines for Start with which mosquitto answers SUBSCRIBE
// with 0x80, except to "#" for the listener of a test. They are of its plugin for dynamic
// security. With an access file mosquitto grants every subscription, and then sends
// nothing.
func RefuseSubscriptions(tb testing.TB) (lines []string) {
	tb.Helper()
	plugins, err := filepath.Glob("/usr/lib/*/mosquitto_dynamic_security.so")
	if err != nil || len(plugins) == 0 {
		tb.Fatal("no mosquitto_dynamic_security.so (hint: make test installs mosquitto)")
	}
	file := filepath.Join(tb.TempDir(), "dynamic-security.json")
	const rules = `{"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,"subscribe":false,"unsubscribe":true},
"roles":[{"rolename":"all","acls":[{"acltype":"publishClientSend","topic":"$CONTROL/#","allow":true},
{"acltype":"subscribeLiteral","topic":"#","allow":true}]}],
"groups":[{"groupname":"anyone","roles":[{"rolename":"all"}]}],"anonymousGroup":"anyone"}`
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		tb.Fatal(err)
	}
	return []string{"plugin " + plugins[0], "plugin_opt_config_file " + file}
}

// GrantSubscriptions grants from now on what RefuseSubscriptions has refused. All
// connections stay.
func (b *Broker) GrantSubscriptions() {
	b.tb.Helper()
	publish := exec.Command(programtest.Find(b.tb, "mosquitto_pub"), "-h", "127.0.0.1", "-p", strconv.Itoa(b.Port), "-q", "1",
		"-t", "$CONTROL/dynamic-security/v1",
		"-m", `{"commands":[{"command":"setDefaultACLAccess","acls":[{"acltype":"subscribe","allow":true}]}]}`)
	if out, err := publish.CombinedOutput(); err != nil {
		b.tb.Fatalf("mosquitto_pub: %v\n%s", err, out)
	}
}
