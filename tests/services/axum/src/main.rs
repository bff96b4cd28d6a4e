//! Notes kept in memory, over HTTP: axum on tokio's threads.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::signal::unix::{signal, SignalKind};

#[derive(Clone, Deserialize, Serialize)]
struct Note {
    title: String,
    #[serde(default)]
    tags: Vec<String>,
}

type Notes = Arc<RwLock<BTreeMap<u64, Note>>>;

#[derive(Deserialize)]
struct Filter {
    tag: Option<String>,
}

async fn list(State(notes): State<Notes>, Query(filter): Query<Filter>) -> Json<BTreeMap<u64, Note>> {
    let fits = |note: &Note| filter.tag.as_ref().map_or(true, |tag| note.tags.contains(tag));
    let notes = notes.read().unwrap();
    Json(notes.iter().filter(|(_, note)| fits(note)).map(|(&id, note)| (id, note.clone())).collect())
}

async fn add(State(notes): State<Notes>, Json(note): Json<Note>) -> (StatusCode, Json<u64>) {
    let mut notes = notes.write().unwrap();
    let id = notes.keys().next_back().map_or(1, |last| last + 1);
    notes.insert(id, note);
    (StatusCode::CREATED, Json(id))
}

async fn show(State(notes): State<Notes>, Path(id): Path<u64>) -> Result<Json<Note>, StatusCode> {
    let note = notes.read().unwrap().get(&id).cloned();
    note.map(Json).ok_or(StatusCode::NOT_FOUND)
}

/// Many tasks on several threads that wait at the same time; how long all took, in milliseconds.
async fn wait_together(Path(tasks): Path<u64>) -> String {
    let began = Instant::now();
    let waiting: Vec<_> =
        (0..tasks).map(|_| tokio::spawn(tokio::time::sleep(Duration::from_millis(100)))).collect();
    for task in waiting {
        task.await.expect("a sleeping task ends");
    }
    began.elapsed().as_millis().to_string()
}

/// Work that would block a worker goes to a thread of its own.
async fn sum(body: Bytes) -> String {
    let add = move || body.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    tokio::task::spawn_blocking(add).await.expect("adding ends").to_string()
}

async fn told_to_stop() {
    signal(SignalKind::terminate()).expect("a handler for SIGTERM").recv().await;
    println!("stopping");
}

#[tokio::main(worker_threads = 4)]
async fn main() {
    let routes = Router::new()
        .route("/notes", get(list).post(add))
        .route("/notes/:id", get(show))
        .route("/wait/:tasks", get(wait_together))
        .route("/sum", post(sum).layer(DefaultBodyLimit::max(16 << 20)))
        .with_state(Notes::default());
    let address = "0.0.0.0:8080".parse().expect("an address");
    axum::Server::bind(&address)
        .serve(routes.into_make_service())
        .with_graceful_shutdown(told_to_stop())
        .await
        .expect("the server ends when it is told to");
}
