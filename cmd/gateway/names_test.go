//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/doctor"
	"arduino-gateway/simulator"
)

// A board prints data where a name should be. Each value is published, and Home Assistant
// and the page get only the regular reading. The log, doctor and the API report the board,
// with a pattern that ends it.
func TestRun_BoardThatMakesNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	url := r.withPage()
	r.mqtt = ", discovery: homeassistant"
	board := simulator.New(t, simulator.Spec{Name: "board", Every: 20 * time.Millisecond, Line: `{"sample_{tick}": 1, "temperature": 23.5}`})
	file := r.configure(devicesFor(board))
	stop := r.run(file)
	r.await("devices/board/sample_100", ending("1"))
	r.await(configOf("board"), saying("sensor_temperature"))
	if all := strings.Join(r.heard.on(configOf("board")), "\n"); strings.Contains(all, "sample") {
		t.Errorf("announced: %s", all)
	}
	if _, text := get(t, url+"api/v1/devices/board/readings", "", ""); strings.Contains(text, "sample") || !strings.Contains(text, `"name":"temperature"`) {
		t.Errorf("the readings are %s", text)
	}
	if log := r.log.String(); strings.Count(log, "board makes ever new names of readings") != 1 {
		t.Errorf("not reported once in the log:\n%s", log)
	}
	const remedy = `"sample_*": {ignore: true}`
	if _, text := get(t, url+"api/v1/devices/board", "", ""); !strings.Contains(text, `"names_problem":"the board made more than 64 names`) {
		t.Errorf("the API answers %s", text)
	}
	r.expect(r.examine(file), "device board", doctor.Warn, remedy)

	stop()
	r.start(strings.Replace(devicesFor(board), "}", `, readings: {`+remedy+`}}`, 1))
	before := r.heard.count("devices/board/temperature")
	r.await("devices/board/temperature", some(before+100))
	if log := r.log.String(); strings.Count(log, "board makes ever new names of readings") != 1 {
		t.Errorf("reported although they are ignored:\n%s", log)
	}
}
