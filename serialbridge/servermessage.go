package serialbridge

import "strings"

// serverMessage keeps what a connection brought, as long as it is not more than a
// server's excuse for closing it again.
type serverMessage struct {
	heard [120]byte
	n     int // bytes that came, up to one more than fit
}

func (w *serverMessage) add(p []byte) {
	if w.n > len(w.heard) {
		return
	}
	copy(w.heard[w.n:], p)
	w.n = min(w.n+len(p), len(w.heard)+1)
}

// text is what came, if it was one short line of text; else nothing.
func (w *serverMessage) text() string {
	if w.n > len(w.heard) {
		return ""
	}
	line := strings.TrimSpace(string(w.heard[:w.n]))
	if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return line
}
