// Gatherer fetches what it is asked for from other servers, several at a time, and keeps it.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

const (
	atOnce     = 8
	bodyLimit  = 16 << 20
	fetchLimit = 60 * time.Second
)

// Page is what one address had, or why it could not be had.
type Page struct {
	URL    string `json:"url"`
	Status int    `json:"status,omitempty"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Gatherer keeps the pages of each request by its id.
type Gatherer struct {
	client   *http.Client
	resolver *net.Resolver
	lock     sync.RWMutex
	gathered map[string][]Page
	newest   *Page
}

// NewGatherer resolves names with the server given, or with those of /etc/resolv.conf.
func NewGatherer(nameServer string) *Gatherer {
	resolver := &net.Resolver{PreferGo: true}
	dialer := &net.Dialer{Resolver: resolver}
	if nameServer != "" {
		resolver.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, nameServer)
		}
	}
	return &Gatherer{
		client:   &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}},
		resolver: resolver,
		gathered: map[string][]Page{},
	}
}

func (g *Gatherer) fetch(ctx context.Context, page *Page) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page.URL, nil)
	if err != nil {
		return err
	}
	reply, err := g.client.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	hash := sha256.New()
	page.Status = reply.StatusCode
	page.Size, err = io.Copy(hash, io.LimitReader(reply.Body, bodyLimit))
	page.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return err
}

func (g *Gatherer) gather(reply http.ResponseWriter, request *http.Request) {
	var urls []string
	if err := json.NewDecoder(request.Body).Decode(&urls); err != nil {
		http.Error(reply, err.Error(), http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(request.Context(), fetchLimit)
	defer cancel()
	pages := make([]Page, len(urls))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i := range urls {
		page := &pages[i]
		page.URL = urls[i]
		group.Go(func() error {
			if err := g.fetch(ctx, page); err != nil {
				page.Error = err.Error()
			}
			return nil
		})
	}
	group.Wait()
	id := uuid.NewString()
	g.lock.Lock()
	g.gathered[id] = pages
	if len(pages) > 0 {
		g.newest = &pages[0]
	}
	g.lock.Unlock()
	reply.Header().Set("Location", "/gathered/"+id)
	writeJSON(reply, http.StatusCreated, pages)
}

func (g *Gatherer) show(reply http.ResponseWriter, request *http.Request) {
	g.lock.RLock()
	pages, found := g.gathered[chi.URLParam(request, "id")]
	g.lock.RUnlock()
	if !found {
		http.NotFound(reply, request)
		return
	}
	writeJSON(reply, http.StatusOK, pages)
}

func (g *Gatherer) lookUp(reply http.ResponseWriter, request *http.Request) {
	addresses, err := g.resolver.LookupHost(request.Context(), chi.URLParam(request, "name"))
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown) && unknown.IsNotFound:
		http.Error(reply, "no such name", http.StatusNotFound)
	case err != nil:
		http.Error(reply, err.Error(), http.StatusBadGateway)
	default:
		writeJSON(reply, http.StatusOK, addresses)
	}
}

// last shows the first page of what was gathered last: before that there is none, and the mistake of
// using it all the same ends the request and not the program.
func (g *Gatherer) last(reply http.ResponseWriter, _ *http.Request) {
	writeJSON(reply, http.StatusOK, g.newest.URL)
}

func writeJSON(reply http.ResponseWriter, status int, value any) {
	reply.Header().Set("Content-Type", "application/json")
	reply.WriteHeader(status)
	if err := json.NewEncoder(reply).Encode(value); err != nil {
		log.Print(err)
	}
}

func run() error {
	gatherer := NewGatherer(os.Getenv("NAME_SERVER"))
	router := chi.NewRouter()
	router.Use(middleware.Recoverer)
	router.Post("/gather", gatherer.gather)
	router.Get("/gathered/{id}", gatherer.show)
	router.Get("/names/{name}", gatherer.lookUp)
	router.Get("/last", gatherer.last)

	server := &http.Server{Addr: ":8080", Handler: router}
	stop, release := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer release()
	ended := make(chan error, 1)
	go func() {
		<-stop.Done()
		ended <- server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("stopped")
}
