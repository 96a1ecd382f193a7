package main

import (
	"errors"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"arduino-gateway/internal/portstest"
	"arduino-gateway/internal/programtest"
)

// programs are what tests may start by name. The scripts in testdata/script run the
// binary as a user does.
var programs = map[string]func(){"gateway": main}

func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, programs)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"PORT", "HTTP"} {
				env.Setenv(name, strconv.Itoa(programtest.FreePort(t)))
			}
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", "atexit_sleep_ms=0") // else each of a hundred runs ends a second late
			env.Setenv("ROOT", repository(t))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":  await,
			"plug":   plug,
			"fill":   fill,
			"status": exitStatus,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// plug makes a board of portstest appear in the script's folder:
// plug USB-PATH BOARD NODE…
func plug(ts *testscript.TestScript, neg bool, args []string) {
	board, known := portstest.Boards[args[1]]
	if !known {
		board, known = portstest.Others[args[1]]
	}
	if !known {
		ts.Fatalf("no board is called %q", args[1])
	}
	ts.Check(portstest.Plug(ts.MkAbs("."), args[0], board, args[2:]...))
}

// exitStatus runs a command and checks its exit code: status 2 gateway frobnicate.
func exitStatus(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	code := 0
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("%q: exit code %d, want %s", args[1:], code, args[0])
	}
}

// fill replaces $VARIABLES in a file of the script: fill devices.yaml.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		ts.Check(writeFile(ts.MkAbs(name), expand(ts.ReadFile(name), ts.Getenv)))
	}
}

// await runs a command again until it succeeds, or fails the script after 20 s:
// await gateway send …
func await(ts *testscript.TestScript, neg bool, args []string) {
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%q still fails: %v", args, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
