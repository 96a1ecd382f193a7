package serialbridge

import "time"

// resetAdapter resets the USB device of a silent board, between the close of its port and
// the next open. It is as if the plug was pulled for a moment, and helps against an adapter
// that hangs. It comes last: a whole cycle has brought no line. usb is the node of the
// device; "" is none.
func (p *Port) resetAdapter(usb string) {
	if usb == "" || !p.watchdog.mute {
		return
	}
	if err := p.reset(usb); err != nil {
		if due, _ := p.alarms.silences.due("no usb reset", time.Now()); due {
			p.log.Warn("USB reset failed", "usb", usb, "error", err)
		}
		return
	}
	p.stats.usbResets.Add(1)
	if due, _ := p.alarms.silences.due("usb reset", time.Now()); due {
		p.log.Info("board silent; USB reset of its adapter", "usb", usb)
	}
}
