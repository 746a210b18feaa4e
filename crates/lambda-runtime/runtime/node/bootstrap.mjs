// Runs a Node function: a client of the Lambda Runtime API, of Node's own modules alone.
//
// It asks for an event, calls the handler, sends the answer, and so on until its connection breaks, over one connection
// that stays open. Handlers are CommonJS or ES modules; they answer by a promise, by a callback or by the context.

import { connect } from "node:net";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { writeSync } from "node:fs";

const api = process.env.AWS_LAMBDA_RUNTIME_API;
const root = process.env.LAMBDA_TASK_ROOT;
const base = "/2018-06-01/runtime/";

// where libraries are, which Node looks for by itself
process.argv.splice(2);

let requestId;

// One HTTP connection; the other side sends a length with every answer, and answers one request at a time.
class Connection {
  constructor() {
    const at = api.lastIndexOf(":");
    this.socket = connect({ host: api.slice(0, at), port: Number(api.slice(at + 1)), noDelay: true });
    this.data = Buffer.alloc(0);
    this.socket.on("data", (piece) => this.take(piece));
    this.socket.on("close", () => process.exit(0)); // the environment is over
    this.socket.on("error", () => process.exit(0));
  }

  call(method, path, body, headers = "") {
    let head = `${method} ${base}${path} HTTP/1.1\r\nHost: ${api}\r\n${headers}`;
    const bytes = body === undefined ? undefined : Buffer.from(body);
    if (bytes) head += `Content-Type: application/json\r\nContent-Length: ${bytes.length}\r\n`;
    return new Promise((answered) => {
      this.answered = answered;
      const start = Buffer.from(`${head}\r\n`, "latin1");
      this.socket.write(bytes ? Buffer.concat([start, bytes]) : start);
    });
  }

  take(piece) {
    this.data = this.data.length === 0 ? piece : Buffer.concat([this.data, piece]);
    if (!this.head) {
      const end = this.data.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [first, ...lines] = this.data.toString("latin1", 0, end).split("\r\n");
      const headers = {};
      for (const line of lines) {
        const colon = line.indexOf(":");
        headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
      }
      this.head = { status: Number(first.split(" ")[1]), headers };
      this.data = this.data.subarray(end + 4);
    }
    const length = Number(this.head.headers["content-length"] ?? 0);
    if (this.data.length < length) return;
    const answer = { ...this.head, body: this.data.subarray(0, length) };
    this.data = this.data.subarray(length);
    this.head = undefined;
    this.answered(answer);
  }
}

// Lines of the log are written at once: what is buffered would be lost with the process.
function write(text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== "EAGAIN") return;
    }
  }
}

function log(level, parts) {
  const line = format(...parts).replace(/\n/g, "\r");
  write(`${new Date().toISOString()}\t${requestId ?? "undefined"}\t${level}\t${line}\n`);
}

for (const [name, level] of Object.entries({ log: "INFO", info: "INFO", debug: "DEBUG", trace: "TRACE", warn: "WARN", error: "ERROR" })) {
  console[name] = (...parts) => log(level, parts);
}

class Fault extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

// The payload of an error: any value may be thrown.
function describe(error) {
  if (error instanceof Error || (error && typeof error === "object" && "message" in error && "name" in error)) {
    return { errorType: error.name ?? "Error", errorMessage: String(error.message), trace: (error.stack ?? "").split("\n") };
  }
  const text = typeof error === "string" ? error : error === undefined ? "undefined" : JSON.stringify(error);
  return { errorType: typeof error, errorMessage: String(text), trace: [] };
}

function show(title, error) {
  const shown = { ...describe(error), ...(error && typeof error === "object" ? error : {}) };
  log("ERROR", [`${title} \t${JSON.stringify({ ...shown, stack: shown.trace, trace: undefined })}`]);
}

// The module at a path, in the order in which Lambda looks.
async function load(path) {
  const require = createRequire(`${root}/`);
  for (const [ending, isModule] of [["", false], [".js", false], [".mjs", true], [".cjs", false]]) {
    const file = path + ending;
    if (!existsSync(file) || (ending === "" && !/\.[cm]?js$/.test(file))) continue;
    if (!isModule) {
      try {
        return require(file);
      } catch (error) {
        // "type": "module" in package.json
        if (error.code !== "ERR_REQUIRE_ESM" && error.code !== "ERR_REQUIRE_ASYNC_MODULE") throw error;
      }
    }
    return await import(pathToFileURL(file).href);
  }
  return require(path); // a directory, or an error that names it
}

// The function that the handler names: path of a module, and names in it.
async function find(handler) {
  const slash = handler.lastIndexOf("/") + 1;
  const [file, ...names] = handler.slice(slash).split(".");
  if (names.length === 0) throw new Fault("Runtime.MalformedHandlerName", "Bad handler");
  const path = resolve(root, handler.slice(0, slash), file);
  let found;
  try {
    found = await load(path);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault("Runtime.UserCodeSyntaxError", String(error));
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      const text = String(error);
      const hint = /@aws-sdk|@smithy/.test(text)
        ? "\n(neither the archive nor this machine has it: mesh-local runtimes install node)" : "";
      throw new Fault("Runtime.ImportModuleError", text + hint);
    }
    throw error;
  }
  const within = (start) => names.reduce((value, name) => value?.[name], start);
  const handled = within(found) ?? within(found.default);
  if (handled === undefined) throw new Fault("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof handled !== "function") throw new Fault("Runtime.HandlerNotFound", `${handler} is not a function`);
  return handled;
}

function contextOf(headers, done) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parse = (text) => (text ? JSON.parse(text) : undefined);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    clientContext: parse(headers["lambda-runtime-client-context"]),
    identity: parse(headers["lambda-runtime-cognito-identity"]),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    succeed: (value) => done(null, value),
    fail: (error) => done(error ?? "handled"),
    done: (error, value) => done(error, value),
  };
}

// Runs the handler: resolves with its value, rejects with its error.
function run(handler, event, headers) {
  return new Promise((resolved, rejected) => {
    let context;
    const callback = (error, value) => {
      if (error !== null && error !== undefined) return rejected(error);
      // without further events the answer goes at once; else it waits until nothing is left to do
      if (context.callbackWaitsForEmptyEventLoop) whenEmpty(() => resolved(value));
      else resolved(value);
    };
    context = contextOf(headers, (error, value) => {
      context.callbackWaitsForEmptyEventLoop = false;
      callback(error, value);
    });
    const result = handler(event, context, callback);
    if (result && typeof result.then === "function") return result.then(resolved, rejected);
    // neither a promise nor a callback: null, once nothing is left to do
    if (handler.length < 3) whenEmpty(() => resolved(null));
  });
}

// Calls back once nothing but the connection keeps the process alive.
function whenEmpty(then) {
  connection.socket.unref();
  process.once("beforeExit", () => {
    connection.socket.ref();
    then();
  });
}

const connection = new Connection();

async function fail(path, error) {
  const payload = describe(error);
  const headers = `Lambda-Runtime-Function-Error-Type: ${payload.errorType.replace(/[^\x20-\x7e]/g, "?")}\r\n`;
  await connection.call("POST", path, JSON.stringify(payload), headers);
}

async function fatal(title, error) {
  show(title, error);
  await fail(requestId ? `invocation/${requestId}/error` : "init/error", error);
  process.exit(129);
}

process.on("uncaughtException", (error) => fatal("Uncaught Exception", error));
process.on("unhandledRejection", (reason) => {
  const error = new Fault("Runtime.UnhandledPromiseRejection", reason instanceof Error ? `${reason}` : format(reason));
  fatal("Unhandled Promise Rejection", error);
});

let handler;
try {
  handler = await find(process.env._HANDLER);
} catch (error) {
  show("Uncaught Exception", error);
  await fail("init/error", error);
  process.exit(1);
}

for (;;) {
  const { status, headers, body } = await connection.call("GET", "invocation/next");
  if (status !== 200) process.exit(0);
  requestId = headers["lambda-runtime-aws-request-id"];
  if (headers["lambda-runtime-trace-id"]) process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
  else delete process.env._X_AMZN_TRACE_ID;
  try {
    const value = await run(handler, JSON.parse(body.toString()), headers);
    const answer = JSON.stringify(value === undefined ? null : value) ?? "null";
    await connection.call("POST", `invocation/${requestId}/response`, answer);
  } catch (error) {
    show("Invoke Error", error);
    await fail(`invocation/${requestId}/error`, error);
  }
}
