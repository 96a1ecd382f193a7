//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/internal/mosquittotest"
	"arduino-gateway/mqttbridge"
	"arduino-gateway/simulator"
)

// examine runs the binary's doctor behind a prefix, and returns its findings.
func (r *rig) examine(file string, before ...string) []doctor.Finding {
	r.t.Helper()
	words := append(before, binary(r.t), "doctor", "-c", file, "-json", "-time-server", "")
	return r.findings(exec.CommandContext(testContext(r.t), words[0], words[1:]...))
}

func (r *rig) findings(cmd *exec.Cmd) (found []doctor.Finding) {
	r.t.Helper()
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if decode := json.Unmarshal(out, &found); decode != nil {
		r.t.Fatalf("doctor: %v, %v: %s%s", err, decode, out, errs.String())
	}
	if failed := doctor.Failed(found); failed != (err != nil) {
		r.t.Errorf("exit %v with %+v", err, found)
	}
	return found
}

// expect fails the test unless the findings of a check have a level and a part of the
// text.
func (r *rig) expect(found []doctor.Finding, check string, level doctor.Level, part string) {
	r.t.Helper()
	for _, f := range found {
		if f.Check == check && f.Level == level && strings.Contains(f.What+" | "+f.Fix, part) {
			return
		}
	}
	r.t.Errorf("no %s %s with %q in\n%+v", level, check, part, found)
}

// The doctor asks the running gateway, and disturbs neither it nor its board.
func TestDoctor_AsksTheRunningGateway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board", ResetOnOpen: true, Every: 50 * 1e6, Line: "n={tick}"})
	file := r.configure(fmt.Sprintf("  board: {port: %s}\n  away: {port: /dev/none}\n", board.Path()))
	p := launch(t, file)
	r.await("devices/board/n", some(3))
	p.log.Await(t, "port missing")

	found := r.examine(file)
	r.expect(found, "gateway", doctor.OK, fmt.Sprintf("(pid %d, version ", p.Process.Pid))
	r.expect(found, "gateway", doctor.OK, "1 of 2 devices online")
	r.expect(found, "broker "+r.broker.URL().String(), doctor.OK, "accepts connections")
	r.expect(found, "client IDs", doctor.OK, "the running gateway reports it")
	r.expect(found, "device board", doctor.OK, "; online")
	r.expect(found, "device away", doctor.Fail, "/dev/none does not exist")
	r.expect(found, "spool", doctor.OK, "can be written")
	if log := r.broker.Log(); strings.Contains(log, "already connected, closing old") {
		t.Errorf("the doctor threw a session out:\n%s", log)
	}
	if n := p.log.Count("connected"); n != 3 {
		t.Errorf("%d connections in the log of the gateway:\n%s", n, &p.log)
	}

	r.broker.Stop()
	p.log.Await(t, "connection lost")
	found = r.examine(file)
	r.expect(found, "broker "+r.broker.URL().String(), doctor.Fail, "connection refused")
	r.expect(found, "gateway", doctor.Fail, "it reports: ")
	p.kill()
	r.expect(r.examine(file), "gateway", doctor.Warn, "not running")
	r.broker.Restart()
}

// A mosquitto that refuses the user, and one whose certificate has an unknown
// authority.
func TestDoctor_ReportsWhatABrokerRefuses(t *testing.T) {
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board"})
	a := mosquittotest.NewAuthority(t)
	strict := mosquittotest.Start(t, "allow_anonymous false", "password_file "+mosquittotest.PasswordFile(t, map[string]string{"pi": "secret"}))
	secure := mosquittotest.Start(t, a.Server()...)
	other := mosquittotest.NewAuthority(t)
	for _, c := range []struct{ mqtt, check, part string }{
		{fmt.Sprintf("{broker: %q}", strict.URL()), "broker " + strict.URL().String(), "refused with code 5: not authorized | check mqtt.username, the password"},
		{fmt.Sprintf("{broker: %q, tls: {ca: %q}}", secure.URL(), other.Path("ca.pem")), "broker " + secure.URL().String(), "signed by unknown authority"},
		{fmt.Sprintf("{broker: %q, tls: {ca: %q}}", secure.URL(), filepath.Join(r.dir, "none.pem")), "files", "mqtt.tls.ca: open "},
	} {
		file := filepath.Join(r.dir, "broker.yaml")
		text := fmt.Sprintf("mqtt: %s\nspool: {dir: %q}\nhttp: {listen: \"off\"}\ndevices:\n  board: {port: %q}\n", c.mqtt, filepath.Join(r.dir, "state"), board.Path())
		if err := writeFile(file, text); err != nil {
			t.Fatal(err)
		}
		r.expect(r.examine(file), c.check, doctor.Fail, c.part)
	}
}

// Disks that are full or read-only, in a mount namespace of their own.
func TestDoctor_ReportsFullAndReadOnlyDisks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	file, state := r.configure("  board: {port: /dev/none}\n"), filepath.Join(r.dir, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	r.expect(r.examine(file), "spool", doctor.OK, "can be written")
	disk := func(options string) []string { return onTmpfs(t, state, options) }
	full := append(disk("size=4k"), "sh", "-c", `head -c 4096 /dev/zero >"$0/filler"; exec "$@"`, state)
	r.expect(r.examine(file, full...), "spool", doctor.Fail, "the disk is full")
	r.expect(r.examine(file, disk("ro")...), "spool", doctor.Fail, "read-only disk")
	r.expect(r.examine(file, disk("size=4m")...), "spool", doctor.Fail, "nearly full, 4 MB free")
	r.expect(r.examine(file, disk("size=64m")...), "spool", doctor.Warn, "and the spool may grow by 256 MB")
}

// Another user may not use the spool's folder or the port.
func TestDoctor_ReportsMissingPermissions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board"})
	port, err := filepath.EvalSymlinks(board.Path())
	if err != nil {
		t.Fatal(err)
	}
	file, state := r.configure(fmt.Sprintf("  board: {port: %q}\n", port)), filepath.Join(r.dir, "state")
	for path, mode := range map[string]os.FileMode{state: 0o500, port: 0o600} {
		if path == state {
			err = os.MkdirAll(state, 0o700)
		}
		if err == nil {
			err = os.Chmod(path, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	mends := "chmod u+rwx "
	if os.Geteuid() == 0 {
		open(t, filepath.Dir(binary(t)), r.dir, file)
		mends = "sudo chown -R "
	} else if err := os.Chmod(port, 0o400); err != nil {
		t.Fatal(err)
	}
	found := r.findings(asAnother(t, "doctor", "-c", file, "-json", "-time-server", ""))
	r.expect(found, "spool", doctor.Fail, "may not write there")
	r.expect(found, "spool", doctor.Fail, mends)
	r.expect(found, "device board", doctor.Fail, "no permission")
	if err := os.Chmod(file, 0); err != nil {
		t.Fatal(err)
	}
	errs, err := asAnother(t, "check", "-c", file).CombinedOutput()
	if err == nil || !strings.Contains(string(errs), "permission denied (hint: let this user read it, or run the command as the service's user: sudo -u gateway gateway …)") {
		t.Errorf("%v: %s", err, errs)
	}
}

// asAnother returns a command that runs as a user without rights.
func asAnother(t *testing.T, args ...string) *exec.Cmd {
	command := exec.CommandContext(testContext(t), binary(t), args...)
	if os.Geteuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		command.Dir = "/"
	}
	return command
}

// Another client takes over the client ID of a device again and again. The running
// gateway knows, and the doctor reports it.
func TestDoctor_ReportsADuplicateClientID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	board := simulator.New(t, simulator.Spec{Name: "board"})
	file := r.configure(fmt.Sprintf("  board: {port: %q, client_id: uno}\n", board.Path()))
	p := launch(t, file)
	r.await("devices/board/status", ending("online"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		options := mqttbridge.Options{Brokers: []*url.URL{r.broker.URL()}, ClientID: "uno", CleanSession: true}
		_ = mqttbridge.New(options, nil, nil, slog.New(slog.DiscardHandler)).Run(ctx)
	}()
	defer func() { cancel(); <-ended }()
	p.log.Await(t, "keeps closing the connection")
	r.expect(r.examine(file), "device board", doctor.Fail, "another client may use this client ID")
}

// open makes files readable for every user, with the folders above.
func open(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		for at := path; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
			if err := os.Chmod(at, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
}
