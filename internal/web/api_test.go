package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
)

// ask makes a request as a script would. headers are "Name: value"; Host may be one
// of them.
func ask(t *testing.T, method, url, body string, headers ...string) (code int, answer string, header http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data), response.Header
}

const asJSON = "Content-Type: application/json"

// small is a gateway with one board that has printed three lines.
func small() *fake {
	f := newFake()
	f.result = device.Result{Status: device.Sent, Line: "LH", Took: 12 * time.Millisecond}
	f.add("uno", "/dev/ttyACM0", map[string]device.Command{
		"led": {Type: device.Bool}, "pwm": {Type: device.Int, Min: bound(0)}, "say": {Type: device.Text, MaxLength: 9},
		"mode": {Type: device.Enum, Values: []string{"a", "b"}},
	})
	now := time.Now().In(time.FixedZone("CET", 3600)) // the API reports it in UTC
	for i, v := range []string{"1.5", "2", "-3"} {
		at := now.Add(time.Duration(i-3) * 10 * time.Second)
		f.store.Device("uno").Line(device.Heard{Time: at, Text: []byte("u=" + v), Readings: []device.Reading{{Name: "u", Value: v, Unit: "V"}, {Name: "door", Value: "<b>open</b>"}}, Kept: []device.Reading{{Name: "u", Value: v, Unit: "V"}, {Name: "door", Value: "<b>open</b>"}}})
	}
	return f
}

// TestAPI_Answers expects each endpoint to answer with its JSON.
func TestAPI_Answers(t *testing.T) {
	url := serve(t, small(), nil) + "api/v1/"
	for path, wants := range map[string][]string{
		"gateway":                                {`"id":"pi-greenhouse"`, `"broker":{"address":"mqtt://192.168.1.20:1883","connected":true}`, `"warnings":[]`},
		"devices":                                {`[{"id":"uno","online":true`, `"client_id":"pi-greenhouse-uno"`, `{"name":"pwm","type":"int","min":0}`, `{"name":"say","type":"text","max_length":9}`, `"values":["a","b"]`},
		"devices/uno":                            {`{"id":"uno"`, `"readings":[{"name":"u","value":"-3","unit":"V","time":"`},
		"devices/uno/readings":                   {`[{"name":"u","value":"-3","unit":"V"`, `{"name":"door","value":"\u003cb\u003eopen\u003c/b\u003e"`},
		"devices/uno/history":                    {`{"step_ms":2000,"epoch_ms":`, `"u":{"unit":"V","points":[[`, `,1.5,1.5],[`, `,-3,-3]]}`, `"door":{"unit":"","points":[]}`},
		"devices/uno/history?reading=u&last=25s": {`"readings":{"u":{"unit":"V","points":[[`, `,2,2],[`},
	} {
		code, answer, header := ask(t, "GET", url+path, "")
		if code != 200 || header.Get("Content-Type") != "application/json" || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", path, code, header)
		}
		for _, want := range wants {
			if !strings.Contains(answer, want) {
				t.Errorf("%s lacks %s:\n%s", path, want, answer)
			}
		}
		if strings.Contains(answer, "+01:00") {
			t.Errorf("%s has a time that is not in UTC: %s", path, answer)
		}
		if !json.Valid([]byte(answer)) {
			t.Errorf("%s is not JSON: %s", path, answer)
		}
	}
	if _, answer, _ := ask(t, "GET", url+"devices/uno/history?reading=u&last=25s", ""); strings.Contains(answer, "1.5") || strings.Contains(answer, "door") {
		t.Errorf("more than was asked for: %s", answer)
	}
}

// TestAPI_ReportsWhatDoesNotExist asks for unknown devices, readings and paths.
func TestAPI_ReportsWhatDoesNotExist(t *testing.T) {
	url := serve(t, small(), nil)
	for request, want := range map[string]string{
		"GET api/v1/devices/due":                   `404 {"error":"no device \"due\"","hint":"GET /api/v1/devices lists them"}`,
		"GET api/v1/devices/due/history":           `404 {"error":"no device \"due\""`,
		"GET api/v1/devices/uno/history?last=x":    `400 {"error":"last=\"x\" is not a duration","hint":"for example 5m or 1h"}`,
		"GET api/v1/devices/uno/history?reading=":  `200 {"step_ms"`,
		"GET api/v1/devices/uno/history?reading=i": `404 {"error":"uno has no reading \"i\""`,
		"GET api/v1/nothing":                       `404 {"error":"no such endpoint: GET /api/v1/nothing"`,
		"POST api/v1/devices/uno":                  `404 {"error":"no such endpoint: POST /api/v1/devices/uno"`,
		"GET nothing.html":                         `404 {"error":"no such file: /nothing.html"}`,
		"GET static/index.html":                    `404 `,
		"DELETE ":                                  `405 `,
	} {
		method, path, _ := strings.Cut(request, " ")
		code, answer, _ := ask(t, method, url+path, "")
		if got := http.StatusText(code); got == "" || !strings.HasPrefix(codeAnd(code, answer), want) {
			t.Errorf("%s: %s", request, codeAnd(code, answer))
		}
	}
}

func codeAnd(code int, answer string) string {
	return strings.TrimSpace(strings.Join([]string{jsonOf(code), strings.TrimSpace(answer)}, " "))
}

func jsonOf(v any) string { data, _ := json.Marshal(v); return string(data) }

// TestAPI_TriesLines asks what a device would make of lines.
func TestAPI_TriesLines(t *testing.T) {
	url := serve(t, small(), nil) + "api/v1/devices/"
	for _, c := range []struct{ id, body, want string }{
		{"uno", `{"text":"t=1 V"}`, `200 [{"text":"t=1 V","readings":[{"name":"t","value":"1","unit":"V"}],"withheld":[{"name":"h","value":"2","why":"ignored"}],"left_out":"left"},` +
			`{"text":"\\x01","readings":[],"error":"refused"}]`},
		{"due", `{"text":"t=1"}`, `404 {"error":"no device \"due\"","hint":"GET /api/v1/devices lists them"}`},
		{"uno", `{}`, `400 {"error":"text is missing","hint":"for example {\"text\":\"t=23.5\"}"}`},
		{"uno", `[`, `400 {"error":"the body is not a JSON object: unexpected end of JSON input"}`},
	} {
		code, answer, _ := ask(t, "POST", url+c.id+"/try", c.body, asJSON)
		if got := codeAnd(code, answer); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.id, c.body, got, c.want)
		}
	}
}

// TestAPI_AnswersACommandWithItsResult sends commands, right and wrong ones.
func TestAPI_AnswersACommandWithItsResult(t *testing.T) {
	f := small()
	url := serve(t, f, nil) + "api/v1/devices/"
	for body, value := range map[string]string{`{"value":"on"}`: "on", `{"value": true}`: "true", `{"value":-12}`: "-12", `{"value":""}`: "", `{"value":"gr\u00fcn <b>"}`: "grün <b>"} {
		code, answer, _ := ask(t, "POST", url+"uno/commands/led", body, asJSON)
		want := `200 {"status":"sent","value":` + jsonOf(value) + `,"line":"LH","took_ms":12}`
		if value == "" {
			want = `200 {"status":"sent","line":"LH","took_ms":12}`
		}
		if got := codeAnd(code, answer); got != want || f.sent[len(f.sent)-1] != "uno led "+value {
			t.Errorf("%s: %s, want %s; sent %q", body, got, want, f.sent)
		}
	}
	for status, want := range map[device.Status]int{device.Done: 200, device.Rejected: 422, device.Failed: 502, device.Expired: 503} {
		f.result = device.Result{Status: status, Error: "why"}
		if code, answer, _ := ask(t, "POST", url+"uno/commands/led", `{"value":"on"}`, asJSON); code != want || !strings.Contains(answer, `"error":"why"`) {
			t.Errorf("%s: %d %s", status, code, answer)
		}
	}
	before := len(f.sent)
	for _, c := range []struct {
		body, kind string
		code       int
	}{
		{`{"value":"on"}`, "Content-Type: text/plain", 415},
		{`value=on`, "Content-Type: application/x-www-form-urlencoded", 415},
		{`on`, asJSON, 400}, {`{}`, asJSON, 400}, {`{"value":null}`, asJSON, 400}, {`{"value":[1]}`, asJSON, 400}, {`{"value":{}}`, asJSON, 400},
		{`{"value":"` + strings.Repeat("x", mostBody) + `"}`, asJSON, 413},
	} {
		if code, answer, _ := ask(t, "POST", url+"uno/commands/led", c.body, c.kind); code != c.code || !strings.Contains(answer, `"error":`) {
			t.Errorf("%.40s: %d %s", c.body, code, answer)
		}
	}
	if code, _, _ := ask(t, "POST", url+"due/commands/led", `{"value":"on"}`, asJSON); code != 404 {
		t.Errorf("an unknown device: %d", code)
	}
	if len(f.sent) != before {
		t.Errorf("sent all the same: %q", f.sent[before:])
	}
}

func FuzzDecodeValue(f *testing.F) {
	for _, body := range []string{`{"value":"on"}`, `{"value":1e9}`, `{"value":`, `[]`, `{"value":"\ud800"}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := decodeValue(body)
		if err != nil && value != "" {
			t.Errorf("%q with %v", value, err)
		}
		if err == nil && !json.Valid(body) {
			t.Errorf("%q is taken", body)
		}
	})
}
