package serialbridge

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// usbdevfsReset is USBDEVFS_RESET of linux/usbdevice_fs.h: _IO('U', 20). The upper half of
// an _IO depends on the architecture.
const usbdevfsReset = unix.BLKSSZGET&^0xffff | 'U'<<8 | 20

// resetUSB resets the USB device with a node such as /dev/bus/usb/001/004. It returns when
// the kernel has found the device again.
func resetUSB(node string) error {
	fd, err := unix.Open(node, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.IoctlSetInt(fd, usbdevfsReset, 0); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}
