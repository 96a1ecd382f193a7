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
// every line has every reading: what a line's object lacks must change nothing,
// and an empty text is ignored by all platforms but text itself.

// numberTemplate makes unknown of what is no number, such as nan: a chart could
// not take it.
func numberTemplate(key string) string {
	if key == "" {
		return "{{ value if is_number(value) else none }}"
	}
	return fmt.Sprintf("{%% set v = value_json[%s] | default('') %%}{{ v if v == '' or is_number(v) else none }}", quoted(key))
}

// textTemplate is of values that may be empty; "" needs none.
func textTemplate(key string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf("{{ value_json[%s] | default(this.state) }}", quoted(key))
}

// plainTemplate is of values that are not empty; "" needs none.
func plainTemplate(key string) string {
	if key == "" {
		return ""
	}
	return fmt.Sprintf("{{ value_json[%s] | default('') }}", quoted(key))
}

// switchTemplate makes on and off of all that a board may print for them; its
// own words count first, for 0 may be its on.
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

// quoted is a text in Jinja, whose escapes are those of JSON.
func quoted(text string) string {
	if !strings.ContainsAny(text, `'\`) {
		return "'" + text + "'"
	}
	return string(compact(text))
}

// compact is JSON as people would write it: < stays <.
func compact(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, numbers and maps of them alone
	return bytes.TrimSpace(b.Bytes())
}
