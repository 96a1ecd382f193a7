package web

import (
	"net/http"

	"arduino-gateway/device"
)

// triedJSON is what a device would make of a line.
type triedJSON struct {
	Text     string         `json:"text"`
	Readings []readingJSON  `json:"readings"`
	Withheld []withheldJSON `json:"withheld,omitempty"`
	LeftOut  string         `json:"left_out,omitempty"`
	Error    string         `json:"error,omitempty"`
}

// try answers with what a device would make of lines.
func (a *api) try(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text *string `json:"text"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	if body.Text == nil {
		fail(w, http.StatusBadRequest, "text is missing", `for example {"text":"t=23.5"}`)
		return
	}
	tried := []triedJSON{}
	err := a.gateway.Try(r.PathValue("id"), *body.Text, func(line device.Heard, left error) { tried = append(tried, triedOf(line, left)) })
	if err != nil {
		noDevice(w, r.PathValue("id"))
		return
	}
	answer(w, http.StatusOK, tried)
}

func triedOf(line device.Heard, left error) triedJSON {
	one := triedJSON{Text: shown(string(line.Text)), Readings: []readingJSON{}}
	for _, r := range line.Readings {
		one.Readings = append(one.Readings, readingOf(r))
	}
	one.Withheld = withheldOf(line.Withheld)
	if left != nil {
		one.LeftOut = left.Error()
	}
	if line.Err != nil {
		one.Error = line.Err.Error()
	}
	return one
}
