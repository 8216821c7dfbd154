package web

import (
	"fmt"
	"net/http"
	"path"
	"time"

	"example.invalid/log"
)

func Serve(w http.ResponseWriter, r *http.Request) {
	log.Print(fmt.Sprint(time.Now()))
	name := path.Clean(r.URL.Path)
	send(w, name)
}
