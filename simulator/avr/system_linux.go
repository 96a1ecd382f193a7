package avr

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// supported returns nil: unosim runs on Linux.
func supported() error { return nil }

// dieWithParent makes the kernel kill the child when the thread that started it
// ends. The starting goroutine must stay locked to that thread.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

func tryLock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// rates are the codes of a termios, by bits a second.
var rates = map[int]uint32{
	9600: unix.B9600, 19200: unix.B19200, 38400: unix.B38400,
	57600: unix.B57600, 115200: unix.B115200, 230400: unix.B230400,
}

// setRaw makes a port pass every byte unchanged, at the given rate.
func setRaw(fd int, rate uint32) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | rate
	t.Ispeed, t.Ospeed = rate, rate
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

func openPort(path string, baud int) (*os.File, error) {
	rate, ok := rates[baud]
	if !ok {
		return nil, errors.New("unknown baud rate")
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := setRaw(fd, rate); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), path), nil
}
