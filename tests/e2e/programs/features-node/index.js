// What programs ask of Node.js, one line each: the lines are the same on Linux and in the guest.
"use strict";

const crypto = require("crypto");
const dns = require("dns");
const fs = require("fs");
const http = require("http");
const net = require("net");
const os = require("os");
const path = require("path");
const { spawn } = require("child_process");
const { promisify } = require("util");
const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
const zlib = require("zlib");

const once = (emitter, name) => new Promise((done) => emitter.once(name, done));

// (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
const ADD = Buffer.from(
  "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b", "hex");

async function workers() {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const started = [1, 2, 3, 4].map(() => new Worker(__filename, { workerData: shared }));
  const ends = await Promise.all(started.map((worker) => once(worker, "message")));
  return [Atomics.load(shared, 0), ends.join()];
}

async function waitForWorker() {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(__filename, { workerData: shared });
  const ended = once(worker, "exit");
  const state = Atomics.wait(shared, 1, 0, 60000);
  return [state !== "timed-out", await ended]; // the worker may have been quicker
}

async function files() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "files-"));
  const name = path.join(folder, "one");
  await Promise.all([...Array(20).keys()].map((n) => fs.promises.writeFile(name + n, "x".repeat(n))));
  const sizes = await Promise.all((await fs.promises.readdir(folder))
    .map(async (entry) => (await fs.promises.stat(path.join(folder, entry))).size));
  await fs.promises.rename(name + 19, path.join(folder, "two"));
  await fs.promises.appendFile(path.join(folder, "two"), "é");
  const text = await fs.promises.readFile(path.join(folder, "two"), "utf8");
  await fs.promises.rm(folder, { recursive: true });
  return [sizes.reduce((a, b) => a + b), text.length, fs.existsSync(folder)];
}

async function talkToItself() {
  const body = crypto.createHash("sha256").update("body").digest().toString("hex").repeat(5000);
  const server = http.createServer((request, reply) => {
    request.pipe(zlib.createGzip()).pipe(reply);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const sums = await Promise.all([...Array(8).keys()].map(() => new Promise((done, failed) => {
    const request = http.request({ port: server.address().port, method: "POST", agent: false });
    request.on("error", failed).on("response", async (reply) => {
      const hash = crypto.createHash("sha256");
      for await (const chunk of reply.pipe(zlib.createGunzip())) hash.update(chunk);
      done(hash.digest("hex"));
    });
    request.end(body);
  })));
  server.close();
  return sums.every((sum) => sum === crypto.createHash("sha256").update(body).digest("hex"));
}

async function unixSocket() {
  const name = path.join(os.tmpdir(), "socket");
  const server = net.createServer((client) => client.end("from the socket")).listen(name);
  await once(server, "listening");
  const client = net.connect(name).setEncoding("utf8");
  const text = await once(client, "data");
  server.close();
  return text;
}

function deepest(n) {
  return n + deepest(n + 1);
}

async function refusals() {
  const refused = net.connect({ port: 1, host: "127.0.0.1" });
  const nowhere = await once(refused, "error");
  const read = await fs.promises.readFile("/none").catch((error) => error);
  let overflow;
  try {
    deepest(0);
  } catch (error) {
    overflow = error;
  }
  return [nowhere.code, read.code, overflow.constructor.name];
}

async function signals() {
  const alive = setInterval(() => {}, 1000); // a signal alone keeps no program running
  const arrived = once(process, "SIGUSR2");
  process.kill(process.pid, "SIGUSR2");
  const name = await arrived;
  clearInterval(alive);
  return name;
}

function garbage() {
  let kept = [];
  let sum = 0;
  for (let round = 0; round < 40; ++round) {
    kept = kept.slice(-20);
    kept.push(Array.from({ length: 5000 }, (_, index) => ({ index, text: `${round}-${index}` })));
    kept.push(Buffer.alloc(300000, round));
    sum += kept.length;
  }
  return sum;
}

function compiled() {
  const f = (a, b) => (a * 31 + b) % 1000003;
  let value = 1;
  for (let n = 0; n < 1000000; ++n) value = f(value, n);
  return value;
}

const CHECKS = {
  intl: () => [new Intl.DateTimeFormat("de-DE", { dateStyle: "full", timeZone: "Asia/Tokyo" })
    .format(new Date(0)), new Intl.NumberFormat("hi-IN").format(123456789.5),
  "ÄÖÜ ß İ".toLocaleLowerCase("tr"), ["ö", "z", "o"].sort(new Intl.Collator("sv").compare).join()],
  compiled,
  garbage,
  wasm: async () => (await WebAssembly.instantiate(ADD)).instance.exports.add(40, 2),
  regexp: () => "a1b22c333".replace(/(?<letter>[a-z])(\d+)/gu, "$2$<letter>"),
  workers,
  waitForWorker,
  threadPool: async () => (await Promise.all([1, 2, 3, 4, 5, 6].map((n) =>
    promisify(crypto.pbkdf2)("password", `${n}`, 50, 16, "sha512")))).map((key) =>
    key.toString("hex").slice(0, 4)).join(),
  keys: () => crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.asymmetricKeyType,
  zlib: () => zlib.brotliDecompressSync(zlib.brotliCompressSync("brotli".repeat(100))).length,
  lookup: async () => (await dns.promises.lookup("localhost", { family: 4 })).address,
  files,
  talkToItself,
  unixSocket,
  refusals,
  signals,
  timers: async () => {
    const before = performance.now();
    await Promise.all([30, 10, 20].map((after) => new Promise((done) => setTimeout(done, after))));
    return performance.now() - before >= 29;
  },
  modules: async () => (await import("node:url")).pathToFileURL("/a b").href,
  process: () => [process.argv.length, process.stdin.isTTY === true, process.uptime() > 0,
    process.memoryUsage().rss > 1e6, process.hrtime.bigint() > 0n, os.cpus().length > 0,
    os.totalmem() > os.freemem(), os.networkInterfaces().lo !== undefined],
};

async function main() {
  for (const [name, check] of Object.entries(CHECKS))
    console.log(name, JSON.stringify(await check()));
  try {
    await once(spawn("/bin/true"), "exit");
    console.log("a program was started");
  } catch (error) {
    console.log(`no program was started: ${error.code}`);
  }
  process.exitCode = 7;
}

if (isMainThread) {
  main();
} else {
  for (let n = 0; n < 1000; ++n) Atomics.add(workerData, 0, 1);
  Atomics.store(workerData, 1, 1);
  Atomics.notify(workerData, 1);
  parentPort.postMessage("done");
}
