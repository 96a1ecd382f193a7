//go:build linux || darwin

package serialbridge_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"arduino-gateway/serialbridge"
	"arduino-gateway/simulator"
)

// lines is a handler that wants nothing but lines.
type lines struct {
	serialbridge.NopHandler
	received chan string
}

func (l lines) Line(_ time.Time, line []byte) { l.received <- string(line) }

// A Port keeps the port of a board open: here that of a virtual board, whose
// path stands for /dev/ttyACM0. The first line after an open may be half a line
// and is dropped.
func Example() {
	board, err := simulator.Plug(simulator.Spec{
		Banner:   []string{"greenhouse 1.0", "ready"},
		Commands: []simulator.Command{{On: "led={value}", Reply: "led is {value}"}},
		Lossless: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer board.Close()

	options := serialbridge.Options{Device: "greenhouse", Port: board.Path(), Baud: 115200}
	if err := options.Validate(); err != nil {
		log.Fatal(err)
	}
	handler := lines{received: make(chan string, 16)}
	port := serialbridge.New(options, handler, nil)

	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- port.Run(ctx) }()

	fmt.Println(<-handler.received)
	begun, err := port.Write(ctx, []byte("led=on\n"))
	fmt.Println(begun, err)
	fmt.Println(<-handler.received)

	cancel()
	fmt.Println(<-ended)
	// Output:
	// ready
	// true <nil>
	// led is on
	// <nil>
}
