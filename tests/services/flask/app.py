"""Notes on Flask: JSON for programs, a page for people, bodies of any size, and a session per client."""

import hashlib
import logging
import os
import signal
import sqlite3
from contextlib import closing

from flask import Flask, Response, abort, jsonify, render_template, request, session
from waitress import create_server

DATABASE = "/data/notes.db"

app = Flask(__name__)
app.secret_key = "a key for tests"


def database():
    connection = sqlite3.connect(DATABASE, timeout=60)
    connection.row_factory = sqlite3.Row
    return connection


@app.post("/notes")
def add():
    note = request.get_json()
    if not isinstance(note, dict) or not isinstance(note.get("text"), str):
        abort(400, "expected a note with a text")
    with closing(database()) as connection, connection:
        cursor = connection.execute("INSERT INTO notes (text) VALUES (?)", (note["text"],))
        return jsonify(id=cursor.lastrowid, text=note["text"]), 201


@app.get("/notes/<int:identity>")
def one(identity):
    with closing(database()) as connection:
        row = connection.execute("SELECT * FROM notes WHERE id = ?", (identity,)).fetchone()
    if row is None:
        abort(404)
    return jsonify(dict(row))


@app.get("/notes")
def page():
    with closing(database()) as connection:
        notes = connection.execute("SELECT * FROM notes ORDER BY id").fetchall()
    return render_template("notes.html", notes=notes)


@app.get("/visits")
def visits():
    session["visits"] = session.get("visits", 0) + 1
    return jsonify(visits=session["visits"])


@app.put("/digest")
def digest():
    found = hashlib.sha256()
    while block := request.stream.read(65536):
        found.update(block)
    return found.hexdigest()


@app.get("/blocks/<int:count>")
def blocks(count):
    return Response((bytes([i % 256]) * 65536 for i in range(count)),
                    mimetype="application/octet-stream")


def stop(*_):
    """What was answered is in the database: nothing is left to do."""
    print("stopped", flush=True)
    os._exit(0)


def main():
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with closing(database()) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    server = create_server(app, host="0.0.0.0", port=int(os.environ["PORT"]), threads=4)
    signal.signal(signal.SIGTERM, stop)
    print(f"serving on port {server.effective_port}")
    server.run()


if __name__ == "__main__":
    main()
