package ports

import "testing"

// What a device that is away costs every few seconds.
func BenchmarkScan(b *testing.B) {
	m := Machine{Root: "/"}
	for b.Loop() {
		_, _ = m.scan()
	}
}

func BenchmarkList(b *testing.B) {
	m := Machine{Root: "/"}
	for b.Loop() {
		_, _ = m.List()
	}
}
