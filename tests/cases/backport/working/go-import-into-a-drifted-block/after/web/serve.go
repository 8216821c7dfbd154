package web

import (
	"net/http"
	"path"
	"strings"
)

func Serve(w http.ResponseWriter, r *http.Request) {
	name := path.Clean(r.URL.Path)
	if strings.HasPrefix(name, "..") {
		http.NotFound(w, r)
		return
	}
	send(w, name)
}
