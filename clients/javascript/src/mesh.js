/** A mesh-local that runs: started for the tests, or found. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Control } from "./control.js";
import { MeshError, NotStarted } from "./errors.js";
import { Universe, uniqueName } from "./universe.js";

/** @typedef {import("node:child_process").ChildProcessByStdio<import("node:stream").Writable, import("node:stream").Readable, null>} Child */

const TO_START_MS = 30_000;
const TO_END_MS = 15_000;

/** Names that mean another instance than a private one, beside those that begin with MESH_LOCAL_. */
const FOREIGN = new Set(["PERSISTENCE", "GATEWAY_LISTEN", "EDGE_PORT"]);

/** A running instance. */
export class Mesh {
  #control;
  #child;

  /**
   * @param {string} endpoint
   * @param {string} [token]
   * @param {Child} [child]
   */
  constructor(endpoint, token, child) {
    this.#control = new Control(endpoint, token);
    this.#child = child;
  }

  /**
   * Attaches to the instance that MESH_LOCAL_ENDPOINT names (MESH_LOCAL_TOKEN is its token, if it has one); where it names
   * none, starts a private one.
   */
  static find() {
    return process.env.MESH_LOCAL_ENDPOINT ? Mesh.attach() : Mesh.start();
  }

  /**
   * Uses an instance that runs, and leaves it running.
   * @param {string} [endpoint]
   * @param {string} [token]
   */
  static async attach(endpoint, token) {
    const { MESH_LOCAL_ENDPOINT, MESH_LOCAL_TOKEN } = process.env;
    const at = endpoint || MESH_LOCAL_ENDPOINT || "http://localhost:4566";
    const mesh = new Mesh(at, token || MESH_LOCAL_TOKEN || undefined);
    try {
      await mesh.#control.ask("GET", "/_mesh/status");
    } catch (error) {
      if (!(error instanceof MeshError)) throw error;
      throw new NotStarted(`there is no mesh-local to attach to: ${error.message}`, { cause: error });
    }
    return mesh;
  }

  /**
   * Starts a private instance on a free port. The binary is the one named here, or in MESH_LOCAL_BIN, or found on the PATH.
   * It ends when this process does, in whatever way that happens, and does not keep it from ending.
   * @param {{ binary?: string, arguments?: string[] }} [options] more of the arguments that `mesh-local up` takes
   */
  static async start({ binary, arguments: more = [] } = {}) {
    const program = binary || process.env.MESH_LOCAL_BIN || "mesh-local";
    const child = spawn(program, ["up", "--port", "0", "--json", "--end-with-input", ...more], {
      stdio: ["pipe", "pipe", "inherit"],
      env: privateEnvironment(),
    });
    const endpoint = await endpointOf(child, program);
    for (const held of [child, child.stdin, child.stdout]) /** @type {{ unref?(): void }} */ (held).unref?.();
    return new Mesh(endpoint, undefined, child);
  }

  /** What an AWS SDK is told as its endpoint to call the universe `default`. */
  get endpoint() {
    return this.#control.endpoint;
  }

  /** Whether it was started here. */
  get isPrivate() {
    return this.#child !== undefined;
  }

  /**
   * A universe that is there.
   * @param {string} [name]
   */
  universe(name = "default") {
    return new Universe(this.#control, name);
  }

  /**
   * Makes an empty universe.
   * @param {string} [name] without one it gets one that nobody else has
   */
  async create(name = uniqueName("universe")) {
    await this.#control.ask("POST", "/_mesh/universes", { name, empty: true });
    return new Universe(this.#control, name);
  }

  /**
   * Makes a universe that is as one was when it was exported into a file.
   * @param {string | URL} file
   * @param {string} [name] without one it gets one that nobody else has
   */
  async createFrom(file, name = uniqueName("universe")) {
    await this.#control.exchange("POST", `/_mesh/universes/${name}/import`, new Uint8Array(await readFile(file)));
    return new Universe(this.#control, name);
  }

  /** The names of all universes. @returns {Promise<string[]>} */
  async universes() {
    const told = await this.#control.ask("GET", "/_mesh/universes");
    return told.universes.map((/** @type {{ name: string }} */ universe) => universe.name);
  }

  /** Ends it, if it was started here. */
  async end() {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const exit = once(child, "exit");
    const watch = setTimeout(() => child.kill("SIGKILL"), TO_END_MS);
    child.stdin.end();
    await exit;
    clearTimeout(watch);
  }

  /** Ends it at the end of a block, if it was started here. */
  async [Symbol.asyncDispose]() {
    await this.end();
  }
}

function privateEnvironment() {
  const isForeign = (/** @type {string} */ name) =>
    FOREIGN.has(name) || (name.startsWith("MESH_LOCAL_") && name !== "MESH_LOCAL_LOG");
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
}

/**
 * Waits for the line that says that it is ready.
 * @param {Child} child
 * @param {string} program
 * @returns {Promise<string>}
 */
async function endpointOf(child, program) {
  const watch = setTimeout(() => child.kill("SIGKILL"), TO_START_MS);
  const lines = createInterface({ input: child.stdout });
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error) => reject(new NotStarted(cannotRun(program, error))));
      child.once("exit", (code) =>
        reject(new NotStarted(`mesh-local ended with code ${code} before it was ready; standard error has its words`)),
      );
      lines.once("line", (line) => resolve(JSON.parse(line).endpoint));
    });
  } finally {
    clearTimeout(watch);
    lines.close();
  }
}

/**
 * @param {string} program
 * @param {Error} error
 */
function cannotRun(program, error) {
  return `cannot run ${program}: ${error.message}. Install it, or name the binary in MESH_LOCAL_BIN, or a running instance in MESH_LOCAL_ENDPOINT.`;
}
