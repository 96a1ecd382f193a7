package serialbridge

import "strings"

// serverMessage keeps the first bytes of a connection: a server may say there
// why it closes it again.
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

// text returns what came if it was one short line of text, else "".
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
