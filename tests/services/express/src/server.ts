// Notes in memory, with what services are made of: JSON in and out, files, errors.
import express, { NextFunction, Request, Response } from "express";
import path from "path";

interface Note {
  id: number;
  text: string;
}

const port = Number(process.env.PORT ?? 8080);
const notes = new Map<number, Note>();
const app = express();

app.use(express.json({ limit: "1mb" }));
app.use("/files", express.static(path.join(__dirname, "../public")));

app.get("/status", (_request: Request, reply: Response) => {
  reply.json({ language: "node", version: process.versions.node, notes: notes.size });
});

app.post("/notes", (request: Request, reply: Response) => {
  const note: Note = { id: notes.size + 1, text: String(request.body.text) };
  notes.set(note.id, note);
  reply.status(201).location(`/notes/${note.id}`).json(note);
});

app.get("/notes/:id", (request: Request, reply: Response) => {
  const note = notes.get(Number(request.params.id));
  if (note === undefined) {
    reply.status(404).json({ error: `no note ${request.params.id}` });
    return;
  }
  reply.json(note);
});

app.use((error: Error & { status?: number }, _: Request, reply: Response, _next: NextFunction) => {
  reply.status(error.status ?? 500).json({ error: error.message });
});

const server = app.listen(port, () => console.log(`listening on port ${port}`));

process.on("SIGTERM", () => {
  server.close(() => console.log("stopped"));
  server.closeAllConnections();
});
