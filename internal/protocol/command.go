package protocol

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"arduino-gateway/device"
)

// ParseCommand reads what a command takes, as a hello tells it:
//
//	bool
//	int 0..255
//	enum auto|manual
//	text 32
func ParseCommand(name, takes string) (device.Command, error) {
	kind, rest, _ := strings.Cut(takes, " ")
	c := device.Command{Name: name, Type: device.CommandType(kind)}
	var err error
	switch c.Type {
	case device.Bool:
		err = nothing(rest)
	case device.Int:
		c.Min, c.Max, err = parseBounds(rest)
	case device.Enum:
		c.Values, err = parseValues(rest)
	case device.Text:
		c.MaxLength, err = parseLength(rest)
	default:
		err = fmt.Errorf("%q is no type of a command", kind)
	}
	return c, err
}

// Takes is what ParseCommand reads.
func Takes(c device.Command) string {
	switch c.Type {
	case device.Int:
		if c.Min == nil && c.Max == nil {
			return "int"
		}
		return "int " + bound(c.Min) + ".." + bound(c.Max)
	case device.Enum:
		return "enum " + strings.Join(c.Values, "|")
	case device.Text:
		return fmt.Sprintf("text %d", cmp.Or(c.MaxLength, device.DefaultMaxLength))
	default:
		return string(c.Type)
	}
}

func bound(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func nothing(rest string) error {
	if rest != "" {
		return fmt.Errorf("a bool has no bounds, such as %q", rest)
	}
	return nil
}

// parseBounds reads "0..255", "-10..", "..10" or nothing.
func parseBounds(text string) (low, high *int64, err error) {
	if text == "" {
		return nil, nil, nil
	}
	from, to, ok := strings.Cut(text, "..")
	if !ok {
		return nil, nil, fmt.Errorf("%q are no bounds such as 0..255", text)
	}
	if low, err = parseBound(from); err != nil {
		return nil, nil, err
	}
	if high, err = parseBound(to); err != nil {
		return nil, nil, err
	}
	if low != nil && high != nil && *low > *high {
		return nil, nil, fmt.Errorf("no number lies within %s", text)
	}
	return low, high, nil
}

func parseBound(text string) (*int64, error) {
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no whole number", text)
	}
	return &n, nil
}

func parseValues(text string) ([]string, error) {
	values := strings.Split(text, "|")
	for i, value := range values {
		switch {
		case value == "":
			return nil, errors.New("a value is empty")
		case !utf8.ValidString(value) || strings.ContainsFunc(value, control):
			return nil, fmt.Errorf("the value %q is no text", value)
		case slices.Contains(values[:i], value):
			return nil, fmt.Errorf("the value %s comes twice", value)
		}
	}
	return values, nil
}

func parseLength(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > MaxLine {
		return 0, fmt.Errorf("%q is no length from 1 to %d", text, MaxLine)
	}
	return n, nil
}
