package web

import (
	"net/http"
	"path"
)

func Serve(w http.ResponseWriter, r *http.Request) {
	name := path.Clean(r.URL.Path)
	send(w, name)
}
