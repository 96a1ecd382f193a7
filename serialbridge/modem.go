package serialbridge

import (
	"errors"
	"fmt"
	"syscall"
)

// modem is a port with modem lines.
type modem interface {
	SetDTR(up bool) error
	SetRTS(up bool) error
	SetHangUp(on bool) error // HUPCL: whether the last close lowers DTR
}

// hangUpKeeper is a port that puts HUPCL back at its close, unless KeepHangUp was called:
// with Options.ResetOnOpen its state is a wish of the user, for after the close.
type hangUpKeeper interface{ KeepHangUp() }

// prepare sets the modem lines as the startup wants them. A port without them,
// such as a pseudo-terminal, is fine.
func prepare(raw rawPort, s startup) error {
	m, ok := raw.(modem)
	if !ok {
		return nil
	}
	if s.hangUp != nil {
		if err := m.SetHangUp(*s.hangUp); ignoreNoModem(err) != nil {
			return fmt.Errorf("set HUPCL: %w", err)
		}
	}
	if s.dtr != nil {
		if err := setDTR(m, *s.dtr); ignoreNoModem(err) != nil {
			return fmt.Errorf("set DTR: %w", err)
		}
	}
	return nil
}

// setDTR lowers RTS together with DTR, and first. In the other order RTS is up
// alone for a moment, which resets an ESP32 or, if it stays so, holds it in
// reset.
func setDTR(m modem, up bool) error {
	if !up {
		if err := m.SetRTS(false); err != nil {
			return err
		}
	}
	return m.SetDTR(up)
}

// ignoreNoModem drops the errors of a port without modem lines: ENOTTY, and
// EINVAL from older kernels.
func ignoreNoModem(err error) error {
	if errors.Is(err, syscall.ENOTTY) || errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return err
}
