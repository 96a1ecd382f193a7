package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/jsontext"
	"arduino-gateway/internal/status"
)

// sendTime bounds the wait for a command's result. The gateway gives up earlier.
const sendTime = 20 * time.Second

// api serves the HTTP API, for scripts and for the page.
type api struct {
	gateway Gateway
	feed    *feed
	now     func() time.Time
}

func (a *api) routes(mux *http.ServeMux, admitted func(http.Handler) http.Handler) {
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /api/v1/gateway":                          a.overview,
		"GET /api/v1/devices":                          a.devices,
		"GET /api/v1/devices/{id}":                     a.device,
		"GET /api/v1/devices/{id}/readings":            a.readings,
		"GET /api/v1/devices/{id}/history":             a.history,
		"POST /api/v1/devices/{id}/commands/{command}": a.command,
		"POST /api/v1/devices/{id}/try":                a.try,
		"GET /api/v1/events":                           a.events,
		"/api/": func(w http.ResponseWriter, r *http.Request) {
			fail(w, http.StatusNotFound, "no such endpoint: "+r.Method+" "+r.URL.Path, "see docs/api.md")
		},
	} {
		mux.Handle(pattern, admitted(handle))
	}
}

func (a *api) overview(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, a.gateway.Status(a.now()).Gateway)
}

// deviceJSON is a device with its readings.
type deviceJSON struct {
	status.Device
	Readings []Reading `json:"readings"`
}

func (a *api) whole(d status.Device) deviceJSON { return deviceJSON{d, a.readingsOf(d.ID)} }

func (a *api) readingsOf(id string) []Reading {
	latest, _ := a.gateway.History(id).Since(0)
	all := make([]Reading, len(latest))
	for i, l := range latest {
		all[i] = Reading{l.Name, l.Value, l.Unit, l.At.UTC()}
	}
	return all
}

func (a *api) devices(w http.ResponseWriter, r *http.Request) {
	all := []deviceJSON{}
	for _, d := range a.gateway.Status(a.now()).Devices {
		all = append(all, a.whole(d))
	}
	answer(w, http.StatusOK, all)
}

// find returns the device that a request names, or answers that it does not exist.
func (a *api) find(w http.ResponseWriter, r *http.Request, now time.Time) (status.Device, bool) {
	id := r.PathValue("id")
	for _, d := range a.gateway.Status(now).Devices {
		if d.ID == id {
			return d, true
		}
	}
	noDevice(w, id)
	return status.Device{}, false
}

func noDevice(w http.ResponseWriter, id string) {
	fail(w, http.StatusNotFound, fmt.Sprintf("no device %q", id), "GET /api/v1/devices lists them")
}

func (a *api) device(w http.ResponseWriter, r *http.Request) {
	if d, ok := a.find(w, r, a.now()); ok {
		answer(w, http.StatusOK, a.whole(d))
	}
}

func (a *api) readings(w http.ResponseWriter, r *http.Request) {
	if d, ok := a.find(w, r, a.now()); ok {
		answer(w, http.StatusOK, a.readingsOf(d.ID))
	}
}

// history answers ?last=5m&reading=temperature. The defaults are the whole hour and
// all readings.
func (a *api) history(w http.ResponseWriter, r *http.Request) {
	now := a.now()
	d, ok := a.find(w, r, now)
	if !ok {
		return
	}
	last := history.Length
	if text := r.FormValue("last"); text != "" {
		var err error
		if last, err = time.ParseDuration(text); err != nil || last <= 0 {
			fail(w, http.StatusBadRequest, fmt.Sprintf("last=%q is not a duration", text), "for example 5m or 1h")
			return
		}
	}
	only := r.FormValue("reading")
	record := a.gateway.History(d.ID)
	latest, _ := record.Since(0)
	body := fmt.Appendf(nil, `{"step_ms":%d,"epoch_ms":%d,"readings":{`, history.Step.Milliseconds(), record.Epoch(now).UnixMilli())
	matched := false
	for _, l := range latest {
		if only != "" && l.Name != only {
			continue
		}
		if matched {
			body = append(body, ',')
		}
		matched = true
		points, _ := record.Points(l.Name, now, now.Add(-last))
		body = appendSeries(body, l, points)
	}
	if only != "" && !matched {
		fail(w, http.StatusNotFound, fmt.Sprintf("%s has no reading %q", d.ID, only), "GET /api/v1/devices/"+d.ID+"/readings lists them")
		return
	}
	send(w, http.StatusOK, append(body, "}}\n"...))
}

// appendSeries appends "temperature":{"unit":"°C","points":[[1764000000000,23.1,23.4]]}.
func appendSeries(body []byte, l history.Latest, points []history.Point) []byte {
	body = jsontext.AppendString(body, l.Name)
	body = append(body, `:{"unit":`...)
	body = jsontext.AppendString(body, l.Unit)
	body = append(body, `,"points":[`...)
	for i, p := range points {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, '[')
		body = strconv.AppendInt(body, p.At.UnixMilli(), 10)
		body = appendNumber(append(body, ','), p.Low)
		body = appendNumber(append(body, ','), p.Top)
		body = append(body, ']')
	}
	return append(body, "]}"...)
}

func appendNumber(to []byte, v float32) []byte {
	return strconv.AppendFloat(to, float64(v), 'g', -1, 32)
}

// command runs a command and answers with its result. The HTTP status shows
// scripts whether it worked.
func (a *api) command(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	value, err := decodeValue(body)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), `for example {"value":"on"}`)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), sendTime)
	defer cancel()
	res, err := a.gateway.Send(ctx, r.PathValue("id"), r.PathValue("command"), value)
	switch {
	case errors.Is(err, ErrNoDevice):
		noDevice(w, r.PathValue("id"))
	case err != nil:
		fail(w, http.StatusGatewayTimeout, "result unknown: "+err.Error(), "")
	default:
		answer(w, codeOf(res.Status), resultOf(res))
	}
}

func codeOf(s device.Status) int {
	switch s {
	case device.Done, device.Sent:
		return http.StatusOK
	case device.Rejected:
		return http.StatusUnprocessableEntity
	case device.Expired:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadGateway
}
