package daemon

import (
	"strings"
	"testing"
)

// A second gateway cannot use the folder, until the first has ended.
func TestLockState_KeepsASecondGatewayOut(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockState(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockState(dir); err == nil || !strings.Contains(err.Error(), "in use by another gateway") {
		t.Errorf("a second one: %v", err)
	}
	unlock()
	unlock, err = lockState(dir)
	if err != nil {
		t.Fatalf("after the first: %v", err)
	}
	unlock()
}
