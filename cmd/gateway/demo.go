package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/daemon"
	"arduino-gateway/internal/filewatch"
	"arduino-gateway/simulator"
)

const (
	demoListen = "127.0.0.1:1883" // where mosquitto_sub connects by default
	demoPage   = "127.0.0.1:8080"
)

//go:embed demo.yaml
var demoSettings string

// demo runs virtual boards, the built-in broker and the gateway in one process, with
// all state in a temporary folder.
func (s *shell) demo(ctx context.Context, flags *flag.FlagSet, args []string) (err error) {
	makeLog := s.logFlags(flags, "warn")
	if err := parse(flags, args); err != nil {
		return err
	}
	log, err := makeLog()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "gateway-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx, hangups, stop := untilStopped(ctx, killAfter)
	defer stop()

	scenario := simulator.DemoScenario()
	scenario.Dir = dir
	boards, err := simulator.Start(scenario)
	if err != nil {
		return err
	}
	defer boards.Close()
	listen, err := freeAddress(demoListen)
	if err != nil {
		return err
	}
	page, err := freeAddress(demoPage)
	if err != nil {
		return err
	}
	file, err := writeDemo(dir, listen, page)
	if err != nil {
		return err
	}
	settings, problems := config.Load(file, s.getenv)
	if err := problems.Err(); err != nil {
		return err
	}
	return s.serve(ctx, daemon.Options{File: file, Config: settings, Watch: filewatch.New(log), Reload: hangups, Log: log, Demo: true,
		Ready: func() { s.introduce(listen, page, file) }})
}

// freeAddress returns listen, or a free port on 127.0.0.1 if listen is in use.
func freeAddress(listen string) (string, error) {
	l, err := net.Listen("tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func writeDemo(dir, listen, page string) (file string, err error) {
	var text strings.Builder
	err = template.Must(template.New("").Parse(demoSettings)).Execute(&text, struct{ Dir, Listen, Page string }{filepath.ToSlash(dir), listen, page})
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, "devices.yaml")
	return file, os.WriteFile(file, []byte(text.String()), 0o600)
}

// introduce prints in five lines what is running, and what to try in another terminal.
func (s *shell) introduce(listen, page, file string) {
	host, port, _ := net.SplitHostPort(listen)
	self := self()
	fmt.Fprintf(s.stdout, `Three virtual boards (greenhouse, weather, tank) print readings: open http://%s/ (Ctrl-C stops everything). The broker is on %s. In another terminal, try:
mosquitto_sub -h %s -p %s -v -t 'devices/#'
%s monitor -c %s weather
%s send -c %s greenhouse led on
greenhouse describes itself and confirms commands. The readings and commands of the others are in %s; copy it as a start.
`, page, listen, host, port, self, file, self, file, file)
}

// self returns how to call this program again. go run builds it in a folder that it
// deletes afterwards.
func self() string {
	path, err := os.Executable()
	if err != nil {
		return "gateway"
	}
	if strings.Contains(path, "go-build") {
		return "go run ./cmd/gateway"
	}
	return path
}
