package web

import (
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"example.invalid/log"
)

func Serve(w http.ResponseWriter, r *http.Request) {
	log.Print(fmt.Sprint(time.Now()))
	name := path.Clean(r.URL.Path)
	if strings.HasPrefix(name, "..") {
		http.NotFound(w, r)
		return
	}
	send(w, name)
}
