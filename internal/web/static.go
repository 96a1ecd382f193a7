package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

//go:embed static
var embedded embed.FS

// asset is one file of the page.
type asset struct {
	data       []byte
	kind, etag string
}

// kinds are the content types. They are not looked up on the machine, whose
// registry may hold anything.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json",
}

// assets returns the files by their URL path: / is index.html.
func assets() map[string]asset {
	all := map[string]asset{}
	_ = fs.WalkDir(embedded, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := embedded.ReadFile(name)
		sum := sha256.Sum256(data)
		kind := kinds[path.Ext(name)]
		if kind == "" {
			kind = mime.TypeByExtension(path.Ext(name))
		}
		url := name[len("static"):]
		if url == "/index.html" {
			url = "/"
		}
		all[url] = asset{data, kind, `"` + hex.EncodeToString(sum[:8]) + `"`}
		return err
	})
	return all
}

// static serves the files. Browsers revalidate them each time: after an update
// another version of the gateway answers at the same address.
func static() http.HandlerFunc {
	files := assets()
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "no such endpoint: "+r.Method+" "+r.URL.Path, "")
			return
		}
		file, ok := files[r.URL.Path]
		if !ok {
			fail(w, http.StatusNotFound, "no such file: "+r.URL.Path, "")
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", file.etag)
		if r.Header.Get("If-None-Match") == file.etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", file.kind)
		_, _ = w.Write(file.data)
	}
}
