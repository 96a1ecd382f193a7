package device_test

import (
	"fmt"

	"arduino-gateway/device"
)

func ExampleCommand_Encode() {
	least, most := int64(0), int64(255)
	pwm := device.Command{Name: "pwm", Type: device.Int, Min: &least, Max: &most, Write: "P{value}"}

	line, value, err := pwm.Encode("+007")
	fmt.Println(line, value, err)
	_, _, err = pwm.Encode("300")
	fmt.Println(err)
	// Output:
	// P7 7 <nil>
	// 300 is above max 255
}
