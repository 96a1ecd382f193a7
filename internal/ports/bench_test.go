package ports

import "testing"

// BenchmarkScan measures what an unplugged device costs every few seconds.
func BenchmarkScan(b *testing.B) {
	m := Machine{Root: "/"}
	for b.Loop() {
		_, _ = m.scan()
	}
}

// BenchmarkList measures what gateway ports does.
func BenchmarkList(b *testing.B) {
	m := Machine{Root: "/"}
	for b.Loop() {
		_, _ = m.List()
	}
}
