package ports

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"arduino-gateway/internal/portstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a Machine in a folder. plug and the other methods change it.
type fake struct {
	Machine
	t *testing.T
}

func newFake(t *testing.T) fake {
	t.Helper()
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, "sys/class/tty"), 0o755))
	must(t, os.MkdirAll(filepath.Join(root, "dev"), 0o755))
	return fake{Machine{Root: root}, t}
}

func (f fake) plug(usbPath, board string, nodes ...string) {
	f.t.Helper()
	b, known := portstest.Boards[board]
	if !known {
		f.t.Fatalf("no board is called %q", board)
	}
	must(f.t, portstest.Plug(f.Root, usbPath, b, nodes...))
}

func (f fake) unplug(usbPath string) {
	f.t.Helper()
	must(f.t, portstest.Unplug(f.Root, usbPath))
}

func (f fake) write(name, text string) {
	f.t.Helper()
	must(f.t, portstest.Write(f.Root, name, text))
}

func (f fake) udevLink(name, node string) {
	f.t.Helper()
	must(f.t, portstest.Link(f.Root, name, node))
}

func (f fake) list() []Port {
	f.t.Helper()
	all, err := f.List()
	must(f.t, err)
	return all
}

// port returns the listed port with this node.
func (f fake) port(node string) Port {
	f.t.Helper()
	for _, p := range f.list() {
		if p.Path == f.path("dev", node) {
			return p
		}
	}
	f.t.Fatalf("%s is not listed", node)
	return Port{}
}

// short removes the machine's folder from a text.
func (f fake) short(text string) string { return strings.ReplaceAll(text, f.Root, "") }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want one that is %v", err, want)
	}
}
