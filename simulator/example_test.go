//go:build linux || darwin

package simulator_test

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"arduino-gateway/simulator"
)

// A board needs five lines. In a test, simulator.New(t, …) needs no error and no
// Close.
func Example() {
	board, err := simulator.Plug(simulator.Spec{Name: "greenhouse", Lossless: true})
	if err != nil {
		panic(err)
	}
	defer board.Close()
	go board.Println("temperature=23.5")

	port, err := os.Open(board.Path()) // your program instead
	if err != nil {
		panic(err)
	}
	defer port.Close()
	line, err := bufio.NewReader(port).ReadString('\n')
	fmt.Printf("%q %v\n", line, err)
	// Output: "temperature=23.5\n" <nil>
}

// LineAt returns beforehand what a board prints.
func ExampleSpec_LineAt() {
	spec := simulator.Spec{
		Every: 250 * time.Millisecond,
		Signals: []simulator.Signal{
			{Name: "level", Wave: simulator.Ramp, From: 0, To: 100, Period: time.Second, Decimals: 1},
		},
		State: []simulator.Variable{{Name: "pump", Value: "off"}},
	}
	for tick := range int64(5) {
		fmt.Println(spec.LineAt(tick))
	}
	// Output:
	// level=0.0,pump=off
	// level=25.0,pump=off
	// level=50.0,pump=off
	// level=75.0,pump=off
	// level=0.0,pump=off
}
