package homeassistant

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"arduino-gateway/device"
)

// The templates are Jinja, which Home Assistant renders with each message. Not
// every line has every reading: a key that is missing in a line's object must
// change nothing. All platforms except text ignore an empty result.

// numberTemplate turns a value that is not a number, such as nan, into unknown: a
// chart cannot show it.
func numberTemplate(key string) string {
	if key == "" {
		return "{{ value if is_number(value) else none }}"
	}
	return fmt.Sprintf("{%% set v = value_json[%s] | default('') %%}{{ v if v == '' or is_number(v) else none }}", quoted(key))
}

// textTemplate is for values that may be empty. Without a key none is needed.
func textTemplate(key string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf("{{ value_json[%s] | default(this.state) }}", quoted(key))
}

// plainTemplate is for values that are never empty. Without a key none is needed.
func plainTemplate(key string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf("{{ value_json[%s] | default('') }}", quoted(key))
}

// switchTemplate turns everything that a board may print for on and off into these
// words. The command's own words come first: its on may be 0.
func switchTemplate(key string, c device.Command) string {
	words := map[string]string{"on": "on", "true": "on", "1": "on", "off": "off", "false": "off", "0": "off"}
	words[strings.ToLower(cmp.Or(c.Off, "off"))] = "off"
	words[strings.ToLower(cmp.Or(c.On, "on"))] = "on"
	value := "value"
	if key != "" {
		value = fmt.Sprintf("(value_json[%s] | default(''))", quoted(key))
	}
	return fmt.Sprintf("{{ %s.get(%s | string | lower | trim, '') }}", compact(words), value)
}

// quoted returns a text as a Jinja string, whose escapes are those of JSON.
func quoted(text string) string {
	if !strings.ContainsAny(text, `'\`) {
		return "'" + text + "'"
	}
	return string(compact(text))
}

// compact returns JSON without HTML escapes: < stays <.
func compact(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // cannot fail: only texts, numbers and maps of them
	return bytes.TrimSpace(b.Bytes())
}
