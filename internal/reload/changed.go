package reload

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// changed returns the keys of the fields that differ between two structs of one
// type, sorted and each once. It goes over all fields, so none can be forgotten.
func changed(before, after any) []string {
	keys := differences(reflect.ValueOf(before), reflect.ValueOf(after))
	slices.Sort(keys)
	return slices.Compact(keys)
}

func differences(before, after reflect.Value) (keys []string) {
	for i := range before.NumField() {
		field := before.Type().Field(i)
		switch {
		case field.Anonymous:
			keys = append(keys, differences(before.Field(i), after.Field(i))...)
		case !equal(before.Field(i).Interface(), after.Field(i).Interface()):
			keys = append(keys, key(field.Name))
		}
	}
	return keys
}

func equal(before, after any) bool {
	a, ok := before.(*regexp.Regexp)
	b, _ := after.(*regexp.Regexp)
	if ok && a != nil && b != nil {
		return a.String() == b.String()
	}
	return reflect.DeepEqual(before, after)
}

// oddKeys are the keys that do not follow from the names of their fields.
var oddKeys = map[string]string{
	"Brokers": "broker", "AsWritten": "order", "QoS": "qos", "EmbeddedListen": "embedded.listen", "UsersFile": "embedded.users_file",
}

// key returns the key of devices.yaml for a field: line_ending for LineEnding,
// client_id for ClientID.
func key(field string) string {
	if odd := oddKeys[field]; odd != "" {
		return odd
	}
	var b strings.Builder
	before := rune('A')
	for _, r := range field {
		if unicode.IsUpper(r) && !unicode.IsUpper(before) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
		before = r
	}
	return b.String()
}
