// A web server on net/http that says what it was asked.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	http.HandleFunc("/", func(reply http.ResponseWriter, request *http.Request) {
		fmt.Fprintf(reply, "hello from Go, you asked for %s\n", request.URL.Path)
	})
	http.HandleFunc("/status", func(reply http.ResponseWriter, request *http.Request) {
		reply.Header().Set("Content-Type", "application/json")
		json.NewEncoder(reply).Encode(map[string]any{"language": "go", "version": runtime.Version()})
	})
	server := &http.Server{Addr: ":" + port}
	stop, release := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer release()
	go func() {
		<-stop.Done()
		server.Shutdown(context.Background())
	}()
	log.Printf("listening on port %s", port)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	log.Print("stopped")
}
