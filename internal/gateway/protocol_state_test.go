package gateway

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/protocol"
)

// verdictText is a verdict in the words of the table below.
func verdictText(v verdict) string {
	words := []string{[...]string{"publish", "show", "drop", "hold"}[v.action]}
	if len(v.text) > 0 && (v.action == publish || v.action == hold) {
		words = append(words, string(v.text))
	}
	if v.why != nil {
		words = append(words, "because "+v.why.Error())
	}
	for i, set := range []bool{v.protocol, v.overdue, v.doubt} {
		if set {
			words = append(words, [...]string{"+protocol", "+overdue", "+doubt"}[i])
		}
	}
	if v.identified {
		words = append(words, fmt.Sprintf("+identified %d", len(v.held)))
	}
	if v.mismatch != "" {
		words = append(words, "+mismatch "+v.mismatch)
	}
	return strings.Join(words, " ")
}

// Each line gets its verdict from what the lines before it have shown. "~" stands for the
// right checksum.
func TestProtocolState_Judge(t *testing.T) {
	const (
		hello = "!hello uno protocol=1 library=1.0.0 parts=0 ~"
		other = "!hello due protocol=1 library=1.0.0 parts=0 ~"
	)
	type said struct{ line, verdict string }
	plain := said{"t=1", "drop because " + errNoChecksum.Error()}
	damaged := said{"t=1 ~0000", "drop because " + errDamaged.Error()}
	for name, c := range map[string]struct {
		state protocolState
		lines []said
	}{
		"a board that only prints lines": {protocolState{}, []said{
			{"t=1", "publish t=1"}, {"t=1 ~0000", "publish t=1 ~0000"}, {"!ok 1", "publish !ok 1"}}},
		"a board that speaks the protocol": {protocolState{strict: true}, []said{
			{"t=1 ~", "publish t=1"}, {"!ok 1 taken=9 ~", "show +protocol"}, plain, damaged}},
		"the first checksum": {protocolState{}, []said{{"t=1 ~", "publish t=1 +protocol"}, {hello, "show +protocol"}}},
		"a board that no longer speaks": {protocolState{plain: maxPlain - 1, mayChange: true}, []said{
			{"t=1", "publish t=1 +doubt"}, {"t=2", "publish t=2"}}},
		"a board that must speak by devices.yaml": {protocolState{plain: maxPlain - 1}, []said{{"t=1", "publish t=1"}}},
		"the hello comes after the first line": {protocolState{id: "uno", requireHello: true, opened: time.Unix(0, 0)}, []said{
			{"t=1 ~", "hold t=1 +protocol"}, {hello, "show +protocol +identified 1"}, {"t=2 ~", "publish t=2 +protocol"}, damaged}},
		"the hello is overdue": {protocolState{id: "uno", requireHello: true, opened: time.Unix(0, 0).Add(-helloTime)}, []said{
			{"t=1 ~", "hold t=1 +protocol +overdue"}, {"t=2 ~", "hold t=2 +protocol"}}},
		"another hello": {protocolState{id: "uno", requireHello: true}, []said{{other, `show +mismatch identifies itself as "due"`}}},
		"plain lines for too long": {protocolState{requireHello: true, opened: time.Unix(0, 0).Add(-helloTime), plain: maxPlain - 2}, []said{
			plain, {plain.line, plain.verdict + " +mismatch prints lines without a checksum"}}},
		"plain lines during the boot": {protocolState{requireHello: true, opened: time.Unix(0, 0), plain: maxPlain}, []said{plain}},
		"a different board": {protocolState{requireHello: true, mismatched: true}, []said{
			{hello, "show because " + errMismatch.Error()}, {"t=1", "show because " + errMismatch.Error()}}},
	} {
		for _, l := range c.lines {
			line := []byte(l.line)
			if text, ok := strings.CutSuffix(l.line, " ~"); ok {
				line = fmt.Appendf(nil, "%s ~%04X", text, protocol.Sum([]byte(text)))
			}
			parsed := protocol.Parse(line)
			if got := verdictText(c.state.judge(time.Unix(0, 0), &parsed, line)); got != l.verdict {
				t.Errorf("%s: %s: got %q, want %q", name, l.line, got, l.verdict)
			}
		}
	}
}
