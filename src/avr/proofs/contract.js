/*
What an exploit says and how: this file lies beside it in the sandbox and runs on Node.js 12 and later.

An exploit has two functions. `control()` sends a benign input the very way that the attack will take, and returns true
when the package did its work. `attack()` returns one of the verdicts made here. Both may be asynchronous. The control
runs first, and once more after a blocked attack: a package that is broken is not safe. Whatever else happens is
inconclusive. `contract.py` is the same for Python, and one reader judges the reports of both.
*/
"use strict";

// Taken now, before a package can put others in their place.
const { createHash } = require("crypto");
const fs = require("fs");
const net = require("net");
const path = require("path");
const vm = require("vm");

const FOLDER = process.env.AVR_PROOF || "/opt/proof";
const RESULTS = process.env.AVR_PROOF_RESULTS || "/results";
/** A file that no package may give to a stranger; what it holds is new in each run. */
const SECRET_FILE = path.join(FOLDER, "secret");

const LIMIT = 2.0;
const ENOUGH = 0.5;
const LONGEST_WALL = 60;
const CLEAR = 0.4;
const MOST_DATA = 65536;

/** The one-time value of this run: letters a to f and digits, safe in markup, headers, paths and programs. */
function nonce() {
  return fs.readFileSync(path.join(FOLDER, "nonce"), "ascii").trim();
}

/** What `SECRET_FILE` holds, for exploits that have to know what must not leak. */
function secret() {
  return fs.readFileSync(SECRET_FILE, "ascii").trim();
}

/** The folder whose appearance is the proof, for exploits that write where they must not. */
function witness() {
  return path.join(RESULTS, "ran-" + nonce());
}

/** A JavaScript expression whose evaluation is the proof that code ran. */
function payload() {
  return `process.mainModule.require('fs').mkdirSync('${witness()}',{recursive:true})`;
}

/** A shell command whose execution is the proof that code ran. */
function shellPayload() {
  return `mkdir -p ${witness()}`;
}

/** The options in an order drawn anew in each run, so that nobody can be ready for the one that comes. */
function drawn(...options) {
  const rank = (index) => createHash("sha256").update(`${nonce()} ${index}`).digest("hex");
  const ranked = options.map((option, index) => [rank(index), option]);
  return ranked.sort((one, two) => (one[0] < two[0] ? -1 : 1)).map((pair) => pair[1]);
}

/** Whether the payload ran. */
function executed() {
  return fs.existsSync(witness()) && fs.lstatSync(witness()).isDirectory();
}

function verdict(name, detail, data) {
  const raw = Buffer.isBuffer(data) ? data : Buffer.from(String(data), "utf-8");
  const encoded = raw.subarray(0, MOST_DATA).toString("base64");
  return { verdict: name, detail: String(detail).slice(0, 2000), data: encoded };
}

/** The hole is open: the CVE's own signal was seen. `data` is what came out, with the run's marker in it. */
function fired(detail, data = "") {
  return verdict("fired", detail, data);
}

/** The hole is closed. `reached` says what showed that the attack came to the place and was turned away there. */
function blocked(reached, data = "") {
  return reached ? verdict("blocked", reached, data) : inconclusive("nothing shows that the place was reached");
}

/** Neither: the reason why nothing is known. */
function inconclusive(detail) {
  return verdict("inconclusive", detail, "");
}

/** Fired or blocked, by a condition that cannot be anything else. */
function either(isOpen, detail, data = "") {
  return isOpen ? fired(detail, data) : blocked(detail, data);
}

function processorSeconds() {
  const used = process.cpuUsage();
  return (used.user + used.system) / 1e6;
}

/**
 * The processor seconds of `work(size)`, at least `LIMIT` where it had to be ended.
 *
 * node can end running code after a wall time only: where a busy machine gave less processor time than that, the work
 * is done once more with as much more wall time.
 */
function sample(work, size) {
  const key = Symbol.for("avr.work");
  const script = new vm.Script('globalThis[Symbol.for("avr.work")]()');
  let wall = LIMIT;
  while (wall < LONGEST_WALL) {
    globalThis[key] = () => void work(size);
    const started = processorSeconds();
    try {
      script.runInThisContext({ timeout: Math.ceil(wall * 1000) });
      return processorSeconds() - started;
    } catch (error) {
      if (error.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      const seconds = processorSeconds() - started;
      if (seconds >= LIMIT * 0.98) return Math.max(seconds, LIMIT);
      wall *= Math.min(10, (1.3 * LIMIT) / Math.max(seconds, 0.01));
    } finally {
      delete globalThis[key];
    }
  }
  throw new Error("the machine is too busy to measure anything");
}

function best(work, size) {
  let found = Infinity;
  for (let count = 0; count < 3; count++) {
    const seconds = sample(work, size);
    found = Math.min(found, seconds);
    if (seconds > CLEAR) break;
  }
  return found;
}

/**
 * Samples of the processor time of the synchronous `work(size)` for growing sizes; the judge outside reads the verdict
 * from them.
 *
 * Each size is measured three times and the best counts; a sample of half a second ends the series, two seconds a sample.
 */
function growth(work, sizes) {
  const samples = [];
  for (const size of sizes) {
    const seconds = best(work, size);
    samples.push([size, seconds]);
    if (seconds >= ENOUGH && samples.length > 1) break;
  }
  return Object.assign(verdict("measured", `seconds by size: ${JSON.stringify(samples)}`, ""), { samples });
}

async function judged(control, attack) {
  if (!(await control())) return inconclusive("the control gave another answer than expected");
  const report = await attack();
  if (typeof report !== "object" || report === null || !Object.keys(report).includes("verdict")) {
    return inconclusive("the attack gave no verdict");
  }
  const calm = ["blocked", "measured"].includes(report.verdict);
  return calm && !(await control()) ? inconclusive("the control does not work after the attack") : report;
}

/** Run control, attack, control, and report. */
async function run(control, attack) {
  let report;
  try {
    report = await judged(control, attack);
  } catch (error) {
    report = inconclusive((error && error.stack) || String(error)); // everything unexpected is, by contract
  }
  Object.assign(report, { nonce: nonce(), node: process.versions.node });
  fs.writeFileSync(path.join(RESULTS, "report.json"), JSON.stringify(report));
  process.stdout.write(`${report.verdict}: ${report.detail}\n`, () => process.exit(0));
}

/** A raw HTTP response that closes the connection. */
function response(status, headers = [], body = "ok") {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, "Connection: close", ...headers];
  return Buffer.concat([Buffer.from(lines.join("\r\n") + "\r\n\r\n", "latin1"), Buffer.from(body)]);
}

function complete(data) {
  const end = data.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /^content-length:\s*(\d+)/im.exec(data.toString("latin1", 0, end));
  return data.length >= end + 4 + (length ? Number(length[1]) : 0);
}

/**
 * An HTTP server on the loopback device that keeps what it was sent; to be made with `await Server.open(answer)`.
 *
 * `answer` gets the raw bytes of a request and gives the raw response. Every connection is closed after one answer.
 */
class Server {
  constructor(answer) {
    this.requests = [];
    this.answer = answer;
  }

  static open(answer) {
    const server = new Server(answer);
    const socket = net.createServer((connection) => server.serve(connection));
    return new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.listen(0, "127.0.0.1", () => {
        server.port = socket.address().port;
        resolve(server);
      });
    });
  }

  /** The address, without a slash at the end. */
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All that came in. */
  seen() {
    return Buffer.concat(this.requests);
  }

  serve(connection) {
    let data = Buffer.alloc(0);
    connection.setTimeout(5000, () => connection.destroy());
    connection.on("error", () => connection.destroy());
    connection.on("data", (more) => {
      data = Buffer.concat([data, more]);
      if (!complete(data)) return;
      this.requests.push(data);
      connection.removeAllListeners("data");
      connection.end(this.answer(data));
    });
  }
}

module.exports = {
  FOLDER,
  SECRET_FILE,
  Server,
  blocked,
  drawn,
  either,
  executed,
  fired,
  growth,
  inconclusive,
  nonce,
  payload,
  response,
  run,
  secret,
  shellPayload,
  witness,
};
