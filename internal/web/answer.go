package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
)

// mostBody is the longest body accepted, in bytes: more than any request needs.
const mostBody = 4 << 10

// refusal is the answer to a request that fails.
type refusal struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
}

func fail(w http.ResponseWriter, code int, what, hint string) {
	answer(w, code, refusal{what, hint})
}

// answer sends value as JSON.
func answer(w http.ResponseWriter, code int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, code, append(data, '\n'))
}

func send(w http.ResponseWriter, code int, data []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(data) // fails only if the client hung up
}

// readBody returns a JSON body, or answers why there is none. It insists on the
// content type because a form on another site cannot send it.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		fail(w, http.StatusUnsupportedMediaType, "the Content-Type is not application/json", "send Content-Type: application/json")
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, "the body is too large", "at most 4096 bytes")
	case err != nil:
		fail(w, http.StatusBadRequest, "the body is incomplete", "")
	}
	return body, err == nil
}

func readJSON(w http.ResponseWriter, r *http.Request, to any) bool {
	body, ok := readBody(w, r)
	if !ok {
		return false
	}
	if err := json.Unmarshal(body, to); err != nil {
		fail(w, http.StatusBadRequest, "the body is not a JSON object: "+err.Error(), "")
		return false
	}
	return true
}
