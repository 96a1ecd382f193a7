package simulator

import "path/filepath"

// TB is the part of *testing.T and *testing.B that New needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// New plugs in a board for a test. It fails the test if that is not possible,
// and closes the board when the test ends.
func New(t TB, spec Spec) *Board {
	t.Helper()
	if spec.Link == "" {
		spec.Link = filepath.Join(t.TempDir(), spec.withDefaults().Name)
	}
	board, err := Plug(spec)
	if err != nil {
		t.Fatalf("%v", err)
		return nil
	}
	t.Cleanup(func() { _ = board.Close() })
	return board
}
