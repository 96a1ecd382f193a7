package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"arduino-gateway/device"
)

// result is a device.Result as JSON, with the same fields as over MQTT.
type result struct {
	Status device.Status `json:"status"`
	Value  string        `json:"value,omitempty"`
	Line   string        `json:"line,omitempty"`
	Reply  string        `json:"reply,omitempty"`
	Error  string        `json:"error,omitempty"`
	TookMS int64         `json:"took_ms"`
}

func resultOf(r device.Result) result {
	return result{r.Status, r.Value, r.Line, r.Reply, r.Error, r.Took.Milliseconds()}
}

// decodeValue reads {"value":"on"}. The values true, 12 and -1.5 need no quotes and
// are passed on as written.
func decodeValue(body []byte) (string, error) {
	var request struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		return "", fmt.Errorf("the body is not a JSON object: %w", err)
	}
	text := strings.TrimSpace(string(request.Value))
	switch {
	case text == "" || text == "null":
		return "", errors.New(`missing "value"`)
	case text[0] == '"':
		var value string
		err := json.Unmarshal(request.Value, &value)
		return value, err
	case text[0] == '{' || text[0] == '[':
		return "", errors.New("value must be a text, a number, true or false")
	}
	return text, nil
}
