package serialbridge

import (
	"errors"
	"slices"
	"syscall"
	"testing"
)

// Each chip and option sets the lines that it needs.
func TestPrepare_SetsTheModemLines(t *testing.T) {
	yes, no := new(true), new(false)
	for _, c := range []struct {
		chip       Chip
		reset, dtr *bool
		want       []string
	}{
		{UnknownChip, nil, nil, nil}, // the kernel raises both
		{UnknownChip, no, nil, []string{"HUPCL down"}},
		{AutoReset, nil, nil, []string{"HUPCL up"}},
		{AutoReset, yes, nil, []string{"HUPCL up"}},
		{AutoReset, no, nil, []string{"HUPCL down"}},
		{AutoReset, no, no, []string{"HUPCL down", "RTS down", "DTR down"}},
		{NativeUSB, nil, nil, []string{"DTR up"}},
		{NativeUSB, no, nil, []string{"DTR up"}},
		{NativeUSB, yes, nil, []string{"HUPCL up", "DTR up"}},
		{UnknownChip, yes, nil, []string{"HUPCL up"}},
		{NativeUSB, nil, no, []string{"RTS down", "DTR down"}},
		{OnBoardUART, nil, nil, nil},
	} {
		raw := &lines{}
		must(t, prepare(raw, Options{ResetOnOpen: c.reset, DTR: c.dtr}.startup(c.chip)))
		if !slices.Equal(raw.did, c.want) {
			t.Errorf("%+v: %q, want %q", c, raw.did, c.want)
		}
	}
}

// A pseudo-terminal has no modem lines; a port that lost its device fails.
func TestPrepare_ForgivesMissingModemLines(t *testing.T) {
	for err, want := range map[error]error{syscall.ENOTTY: nil, syscall.EINVAL: nil, syscall.EIO: syscall.EIO} {
		for _, s := range []startup{{dtr: new(true)}, {dtr: new(false)}, {hangUp: new(true)}} {
			if got := prepare(&lines{err: err}, s); !errors.Is(got, want) {
				t.Errorf("%v gives %v", err, got)
			}
		}
	}
}
