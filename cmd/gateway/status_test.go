//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/browsertest"
	"arduino-gateway/internal/control"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/simulator"
)

// A board with checksums prints a line with a wrong one, and a line with none. Every
// view of the board shows two.
func TestStatus_ShowsDamagedLines(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	url := r.withPage()
	board := simulator.New(t, simulator.Spec{Name: "board"})
	r.start(devicesFor(board))
	summed := func(text string) string { return fmt.Sprintf("%s ~%04X", text, protocol.Sum([]byte(text))) }
	r.awaitLine(board, summed("n=1"), "devices/board/n", "1")
	board.Println("n=2 ~0000")
	board.Println("n=3")
	board.Println(summed("n=4"))
	r.await("devices/board/n", ending("4"))

	if _, text := get(t, url+"metrics", "", ""); !strings.Contains(text, `gateway_device_lines_damaged_total{device="board"} 2`+"\n") {
		t.Errorf("the metrics say\n%s", text)
	}
	if _, text := get(t, url+"api/v1/devices/board", "", ""); !strings.Contains(text, `"damaged":2,`) || !strings.Contains(text, `"errors":2,`) {
		t.Errorf("the API answers %s", text)
	}
	path, err := control.Path(filepath.Join(r.dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := control.AskStatus(testContext(t), path)
	if err != nil {
		t.Fatal(err)
	}
	row := strings.Fields(strings.Split(tableText(time.Now(), s), "\n")[1])
	if errors := row[len(row)-3]; errors != "2" {
		t.Errorf("the table shows %s errors: %q", errors, row)
	}
	p := browsertest.Open(t, url, browsertest.Desktop)
	p.Await("document.querySelector('.tile footer').innerText.includes('2 errors')")
	p.Go(url + "#/board")
	p.Await("/Bad checksum\\s+2 lines/.test(document.querySelector('.facts').innerText)")
	p.Shot("damaged")
}
