package portowner

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Of returns the programs that have these devices, keyed by the path as given. A
// device that no program has is missing. The program that locks a device comes
// before those that have it open; this program is never among the latter. root is
// the folder that holds proc: "/", except in tests. That a running program has a
// device may have been seen some moments ago; that none has it is seen now.
func Of(root string, devices ...string) map[string][]Process {
	owners, _ := find(root, devices)
	return owners
}

// find is Of with the last look that it needed.
func find(root string, devices []string) (owners map[string][]Process, last *look) {
	owners, now := map[string][]Process{}, time.Now()
	last = lookSince(root, devices, now.Add(-machine.pace()))
	table, _ := os.ReadFile(filepath.Join(root, "proc/locks"))
	locks := flocks(table)
	for _, device := range devices {
		all := last.owners(device, locks)
		if len(all) == 0 && last.begun.Before(now) {
			last = lookSince(root, devices, now)
			all = last.owners(device, locks)
		}
		if len(all) > 0 {
			owners[device] = all
		}
	}
	return owners, last
}

// Others returns the other programs that have a device open, seen after this program
// opened it at that time. It first waits a moment, so that one look at all programs
// serves all who wait. It returns nil if ctx ends.
func Others(ctx context.Context, device string, opened time.Time) []Process {
	var stat unix.Stat_t
	if unix.Stat(device, &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFCHR {
		return nil // such as an address
	}
	select {
	case <-time.After(machine.pace()):
	case <-ctx.Done():
		return nil
	}
	seen := machine.since(opened)
	return seen.running(seen.openers(&stat))
}

// Look returns whether other programs have a device, and those that were seen, in
// the order of [Of].
func Look(root, device string) (State, []Process) {
	owners, last := find(root, []string{device})
	switch others := withoutOwn(owners[device]); {
	case len(others) > 0:
		return Owned, others
	case last.all:
		return Free, nil
	}
	return Unknown, nil
}

// SeesAll reports whether the open files of all programs can be seen, so that a
// device that none of them has is free. A user other than root sees only their
// own, and a container shows no program outside of it.
func SeesAll(root string) bool {
	return lookSince(root, nil, time.Now().Add(-machine.pace())).all
}

func withoutOwn(all []Process) []Process {
	return slices.DeleteFunc(all, func(p Process) bool { return p.PID == os.Getpid() })
}

// lookSince returns a look that began at that time or later, and has these devices.
func lookSince(root string, devices []string, t time.Time) *look {
	if elsewhere := elsewhere(devices); root != "/" || len(elsewhere) > 0 {
		return lookAt(root, elsewhere...)
	}
	return machine.since(t)
}

// elsewhere returns the real paths of the devices that are not below /dev, such as
// those of tests.
func elsewhere(devices []string) (paths []string) {
	for _, device := range devices {
		path, err := filepath.EvalSymlinks(device)
		if err == nil && !strings.HasPrefix(path, "/dev/") {
			paths = append(paths, path)
		}
	}
	return paths
}

// runs reports whether a program runs. With hidepid it may be missing in /proc.
func runs(root string, pid int) bool {
	_, err := os.Stat(filepath.Join(root, "proc", strconv.Itoa(pid)))
	return err == nil || root == "/" && pid > 0 && errors.Is(unix.Kill(pid, 0), unix.EPERM)
}

func process(root string, pid int) Process {
	name, _ := os.ReadFile(filepath.Join(root, "proc", strconv.Itoa(pid), "comm"))
	return Process{PID: pid, Name: string(bytes.TrimSpace(name))}
}
