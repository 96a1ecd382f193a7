package homeassistant

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"testing"

	"arduino-gateway/device"
)

// render renders each template with Jinja, as Home Assistant does.
func render(t *testing.T, cases [][3]string) (results []string) {
	t.Helper()
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	python := exec.Command("/usr/bin/python3", "testdata/render.py") // Debian's, which has Debian's Jinja
	python.Stdin, python.Stderr = bytes.NewReader(in), &stderr
	out, err := python.Output()
	if err == nil {
		err = json.Unmarshal(out, &results)
	}
	if err != nil || len(results) != len(cases) {
		t.Fatalf("%v: %s (hint: run make test, which installs Jinja)", err, stderr.String())
	}
	return results
}

// Each template gives what its platform expects, also without the key.
func TestTemplates(t *testing.T) {
	led := device.Command{Type: device.Bool}
	inverse := device.Command{Type: device.Bool, On: "0", Off: "1"}
	odd := device.Command{Type: device.Bool, On: `Ü"'\}}`, Off: "{{"}
	const line = `{"t":23.50,"n":"nan","mode":"auto","led":"ON","lamp":true,"zero":0,"items":7,"a'b":"q","time":"2026-01-02T03:04:05.678Z","seq":17}`
	cases := []struct{ template, payload, want string }{
		{numberTemplate(""), "23.50", "23.50"},
		{numberTemplate(""), "nan", "None"}, // unknown
		{numberTemplate(""), "ovf", "None"},
		{numberTemplate("t"), line, "23.5"},
		{numberTemplate("n"), line, "None"},
		{numberTemplate("items"), line, "7"}, // and not the dictionary's method
		{numberTemplate("away"), line, ""},   // ignored
		{textTemplate("mode"), line, "auto"},
		{textTemplate("a'b"), line, "q"},
		{textTemplate("away"), line, "before"},
		{plainTemplate("zero"), line, "0"},
		{plainTemplate("away"), line, ""},
		{switchTemplate("", led), "ON", "on"},
		{switchTemplate("", led), "1", "on"},
		{switchTemplate("", led), "false", "off"},
		{switchTemplate("", led), "blinking", ""},
		{switchTemplate("led", led), line, "on"},
		{switchTemplate("lamp", led), line, "on"},
		{switchTemplate("zero", led), line, "off"},
		{switchTemplate("away", led), line, ""},
		{switchTemplate("zero", inverse), line, "on"},
		{switchTemplate("", inverse), "1", "off"},
		{switchTemplate("", odd), `ü"'\}}`, "on"},
		{switchTemplate("", odd), "{{", "off"},
	}
	asked := make([][3]string, len(cases))
	for i, c := range cases {
		asked[i] = [3]string{c.template, c.payload, "before"}
	}
	for i, got := range render(t, asked) {
		if got != cases[i].want {
			t.Errorf("%s of %s: %q, want %q", cases[i].template, cases[i].payload, got, cases[i].want)
		}
	}
}
