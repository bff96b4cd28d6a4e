// A web server on Node's own http module.
"use strict";

const http = require("http");

const port = Number(process.env.PORT || 8080);

const server = http.createServer((request, reply) => {
  if (request.url === "/status") {
    reply.setHeader("Content-Type", "application/json");
    reply.end(JSON.stringify({ language: "node", version: process.versions.node }) + "\n");
    return;
  }
  reply.setHeader("Content-Type", "text/plain");
  reply.end(`hello from Node, you asked for ${request.url}\n`);
});

process.on("SIGTERM", () => {
  server.close(() => console.log("stopped"));
  server.closeAllConnections();
});

server.listen(port, () => console.log(`listening on port ${port}`));
