package ports

import "syscall"

// giveUpRights makes this thread access files as user 65534, even as root.
func giveUpRights() { syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0) }
