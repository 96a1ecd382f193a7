package device_test

import (
	"fmt"

	"arduino-gateway/device"
)

func ExampleCommand_Encode() {
	pwm := device.Command{Name: "pwm", Type: device.Int, Min: new(int64(0)), Max: new(int64(255)), Write: "P{value}"}

	line, value, err := pwm.Encode("+007")
	fmt.Println(line, value, err)
	_, _, err = pwm.Encode("300")
	fmt.Println(err)
	// Output:
	// P7 7 <nil>
	// 300 is above max 255
}
