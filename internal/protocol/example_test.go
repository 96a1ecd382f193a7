package protocol_test

import (
	"fmt"

	"arduino-gateway/internal/protocol"
)

func ExampleParse() {
	line := protocol.Parse([]byte("!no 5 taken=143 takes int 0..255 ~64AF"))
	if line.Kind == protocol.AnswerLine && line.Answer.Verdict == protocol.Refused {
		fmt.Printf("command %d is refused: it %s\n", line.Answer.Number, line.Answer.Text)
	}
	// Output: command 5 is refused: it takes int 0..255
}

func ExampleAppendCommand() {
	line, err := protocol.AppendCommand(nil, 1, "led=on")
	fmt.Printf("%q %v\n", line, err)
	// Output: "#1 led=on ~AF0C\n" <nil>
}
