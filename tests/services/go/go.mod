module example.org/gatherer

go 1.19

require (
	github.com/go-chi/chi/v5 v5.0.8
	github.com/google/uuid v1.3.0
	golang.org/x/sync v0.1.0
)
