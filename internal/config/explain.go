package config

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"arduino-gateway/device"
)

// Explain returns lines that tell a user what the gateway will do.
func Explain(c *Config) []string {
	status := c.MQTT.BaseTopic + "/gateway/" + c.Gateway.ID + "/status"
	lines := []string{fmt.Sprintf("gateway %s: %s, status on %s", c.Gateway.ID, brokerText(c), status)}
	if c.MQTT.Discovery {
		lines = append(lines, fmt.Sprintf("devices are announced to Home Assistant on %s/device/…", c.MQTT.DiscoveryPrefix))
	}
	if c.HTTP.Listen != "" {
		lines = append(lines, "dashboard: "+dashboardText(c))
	}
	if c.Auto.On {
		lines = append(lines, "devices: "+autoText(c))
	}
	for _, d := range c.Devices {
		lines = append(lines, deviceText(c, d)...)
	}
	return lines
}

func autoText(c *Config) string {
	where := "on USB"
	if len(c.Auto.Ports) > 0 {
		where = "at " + strings.Join(c.Auto.Ports, ", ")
	}
	what := fmt.Sprintf("boards %s that say hello are published as %s/THEIR-ID", where, c.MQTT.BaseTopic)
	if c.Auto.Any {
		what += fmt.Sprintf(", those that only print lines as %s/NAME-OF-THE-BOARD", c.MQTT.BaseTopic)
	}
	return "auto: " + what + "; their ports are opened to find them, which can reset them"
}

func dashboardText(c *Config) string {
	at := "http://" + c.HTTP.Listen + "/"
	switch {
	case c.HTTP.TokenFile != "":
		return at + ", with the token in " + c.HTTP.TokenFile
	case !c.HTTP.Local():
		return at + ", with the token that run makes in " + c.TokenFile()
	}
	return at
}

// TokenFile returns the file with the dashboard's token: the configured one, or the
// one that the gateway makes.
func (c *Config) TokenFile() string {
	return cmp.Or(c.HTTP.TokenFile, filepath.Join(c.Spool.Dir, "http.token"))
}

func brokerText(c *Config) string {
	m := c.MQTT
	if m.Embedded {
		return "built-in broker on " + m.EmbeddedListen
	}
	urls := make([]string, len(m.Brokers))
	for i, u := range c.BrokerOrder() {
		urls[i] = u.String()
	}
	return "broker " + strings.Join(urls, ", then ")
}

func deviceText(c *Config, d device.Device) []string {
	client := "client ID " + d.ClientID
	if d.ClientID == "" {
		client = "a random client ID"
	}
	topic := c.MQTT.BaseTopic + "/" + d.ID
	lines := []string{
		fmt.Sprintf("device %s: %s at %s, %s", d.ID, d.Port, baudText(d.Baud), client),
		fmt.Sprintf("  up:   %s, lines read as %s", upTopics(c.MQTT.Payload, topic), d.Format),
	}
	if d.Pattern != nil {
		lines = append(lines, fmt.Sprintf("        a match of %#q is read as %s", d.Pattern, readingNames(d.Pattern.SubexpNames())))
	}
	if d.Decimal != "" {
		lines = append(lines, fmt.Sprintf("        numbers have a decimal %s", map[string]string{",": "comma", ".": "point"}[d.Decimal]))
	}
	if d.MaxLine > 0 {
		lines = append(lines, fmt.Sprintf("        lines of up to %d bytes", d.MaxLine))
	}
	if len(d.Columns) > 0 {
		lines = append(lines, "        values without names are read as "+readingNames(d.Columns))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Readings)) {
		if text := readingText(d.Readings[name]); text != "" {
			lines = append(lines, "        "+name+": "+text)
		}
	}
	if d.Silence > 0 {
		lines = append(lines, fmt.Sprintf("  offline after %v without a line; then the port is reopened, then the board reset", d.Silence))
	}
	if d.Describe != nil && *d.Describe {
		lines = append(lines, "  the board describes its readings and commands")
	}
	if d.Gap > 0 {
		lines = append(lines, fmt.Sprintf("  at least %v between two commands", d.Gap))
	}
	if d.Expires > 0 {
		lines = append(lines, fmt.Sprintf("  a command expires if it is not written within %v", d.Expires))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Commands)) {
		lines = append(lines, fmt.Sprintf("  down: %s/set/%s, %s", topic, name, commandText(d.Commands[name])))
	}
	return lines
}

// readingNames returns the readings of a pattern or of columns, with their names in
// topics. A group without a name is not a reading.
func readingNames(names []string) string {
	var readings []string
	for _, name := range names {
		if name != "" {
			readings = append(readings, readingName(name))
		}
	}
	return strings.Join(readings, ", ")
}

func baudText(baud int) string {
	if baud == device.BaudAuto {
		return "an automatic baud rate"
	}
	return fmt.Sprintf("%d baud", baud)
}

func upTopics(payload, topic string) string {
	switch payload {
	case "json":
		return topic
	case "both":
		return topic + "/READING and " + topic
	default:
		return topic + "/READING"
	}
}

// readingText returns what happens to a reading, "" for nothing.
func readingText(s device.ReadingSpec) string {
	if s.Ignore {
		return "never published"
	}
	var parts []string
	add := func(holds bool, format string, args ...any) {
		if holds {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(s.Rename != "", "published as %s", s.Rename)
	add(s.Unit != "", "in %s", s.Unit)
	add(s.DeviceClass != "", "of device class %s", s.DeviceClass)
	if s.Min != nil {
		add(true, "from %v", *s.Min)
	}
	if s.Max != nil {
		add(true, "up to %v", *s.Max)
	}
	if s.Deadband != nil {
		add(*s.Deadband == 0, "only when it changes")
		add(*s.Deadband > 0, "only when it changes by more than %v", *s.Deadband)
	}
	add(s.MaxInterval > 0, "or after %v", s.MaxInterval)
	add(s.MinInterval > 0, "at most once in %v", s.MinInterval)
	return strings.Join(parts, ", ")
}

// commandText returns the values that a command takes, and the line that one of them
// writes.
func commandText(c device.Command) string {
	values, example := "", ""
	switch c.Type {
	case device.Bool:
		values, example = "on or off", "on"
	case device.Int:
		values, example = "a whole number"+bounds(c), fmt.Sprint(within(c))
	case device.Enum:
		values, example = strings.Join(c.Values, ", "), c.Values[0]
	case device.Text:
		most := cmp.Or(c.MaxLength, device.DefaultMaxLength)
		values, example = fmt.Sprintf("a text of up to %d bytes", most), "text"[:min(most, len("text"))]
	}
	line, _, _ := c.Encode(example) // the example is valid
	text := fmt.Sprintf("%s; %s writes %q", values, example, line)
	if c.Confirm != nil {
		text += fmt.Sprintf(", confirmed by a line that matches %q", c.Confirm)
	}
	return text
}

// within returns a number that the command takes.
func within(c device.Command) int64 {
	switch {
	case c.Min != nil:
		return *c.Min
	case c.Max != nil:
		return min(1, *c.Max)
	}
	return 1
}

func bounds(c device.Command) string {
	switch {
	case c.Min != nil && c.Max != nil:
		return fmt.Sprintf(" from %d to %d", *c.Min, *c.Max)
	case c.Min != nil:
		return fmt.Sprintf(" from %d", *c.Min)
	case c.Max != nil:
		return fmt.Sprintf(" up to %d", *c.Max)
	}
	return ""
}
