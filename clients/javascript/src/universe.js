/** A universe: a whole state of its own, that can be forked. */

import { writeFile } from "node:fs/promises";
import { setTimeout as pauseFor } from "node:timers/promises";
import { inspect } from "node:util";
import { Clock } from "./clock.js";
import { MeshError, Unsettled, WaitedInVain } from "./errors.js";
import { Faults, unlessGone } from "./faults.js";
import { microsOf } from "./times.js";
import { line } from "./record.js";

/** @import { Control } from "./control.js" */
/** @import { Span } from "./times.js" */

/**
 * What an advance or a settle ran.
 * @typedef {object} Advanced
 * @property {Date} now where the universe has arrived
 * @property {number} timers how many waits ended
 * @property {Record<string, any>[]} ran deliveries, and what they and deadlines caused: the first hundred
 * @property {number} ranInAll how many there were
 */

/**
 * What of a test of `node:test` is used: its context.
 * @typedef {object} TestContext
 * @property {string} name
 * @property {(act: () => Promise<void>) => void} after
 * @property {(message: string) => void} [diagnostic]
 * @property {boolean} [passed]
 */

const REGION = "us-east-1";

/** How long is waited between two looks at a condition, at most. */
const LONGEST_PAUSE_MS = 250;

/** By how much an answer may come later than the wait that it tells of. */
const MARGIN_MS = 15_000;

/** Entries of the record that a failed test shows. */
const TOLD = 30;

/** State, clock, record and fault rules. */
export class Universe {
  /** @type {Control} */
  #control;

  /**
   * @param {Control} control
   * @param {string} name
   */
  constructor(control, name) {
    this.#control = control;
    this.name = name;
    /** What an AWS SDK is told as its endpoint. */
    this.endpoint = name === "default" ? control.endpoint : `${control.endpoint}/_mesh/u/${name}`;
    this.clock = new Clock(this);
    this.faults = new Faults(this);
  }

  /**
   * Any will do. An `accessKeyId` of twelve digits is the account that is called. Where a mesh-local wants its token, SDKs
   * show it so.
   * @returns {{ accessKeyId: string, secretAccessKey: string, sessionToken?: string }}
   */
  get credentials() {
    const token = this.#control.token;
    const keys = { accessKeyId: "test", secretAccessKey: "test" };
    return token === undefined ? keys : { ...keys, sessionToken: token };
  }

  /** All that a client of the AWS SDK is told: `new SQSClient(universe.config)`. */
  get config() {
    return { endpoint: this.endpoint, region: process.env.AWS_REGION || REGION, credentials: this.credentials };
  }

  /** What an AWS SDK in another process needs in its environment to call this universe. @returns {Record<string, string>} */
  get environment() {
    const { endpoint, region, credentials } = this.config;
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    return {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
    };
  }

  /**
   * A universe with this one's state and time of this moment, under the same names of resources. It costs the same for ten
   * rows and for ten million.
   * @param {string} [name] without one it gets one that nobody else has
   */
  async fork(name = uniqueName("fork")) {
    await this.#control.ask("POST", "/_mesh/universes", { name, from: this.name });
    return new Universe(this.#control, name);
  }

  /**
   * A fork for one test, deleted after it. If the test has failed, it tells what happened there.
   * @param {TestContext} test
   */
  async forkFor(test) {
    const universe = await this.fork(uniqueName(test.name));
    test.after(async () => {
      if (test.passed === false) for (const told of await universe.#happened()) test.diagnostic?.(told);
      await universe[Symbol.asyncDispose]();
    });
    return universe;
  }

  async #happened() {
    const happened = `what happened in the universe ${this.name}:`;
    try {
      return [happened, ...(await this.record({ limit: TOLD })).map(line)];
    } catch (error) {
      if (error instanceof MeshError) return [happened, error.message];
      throw error;
    }
  }

  /**
   * Writes all of it into a file, which holds whatever secrets it does: `mesh.createFrom` reads it, also with a later version
   * of mesh-local.
   * @param {string | URL} file
   */
  async exportTo(file) {
    await writeFile(file, await this.#control.exchange("GET", `/_mesh/universes/${this.name}/export`, null));
  }

  /** Empties it: state, clock, record and fault rules. */
  async reset() {
    await this.ask("POST", "/reset");
  }

  /** Deletes it. Who waits in it is answered at once. */
  async delete() {
    await this.ask("DELETE", "");
  }

  /**
   * Waits until nothing runs and nothing is due: no delivery, no function, no timer. Whoever waits for an event, as a long
   * poll does, is not waited for. Throws `Unsettled`, with the list of what still runs, after `timeout` of real time.
   * @param {{ timeout?: Span }} [options]
   */
  settle({ timeout = "60s" } = {}) {
    return this.#rest("/settle", undefined, timeout);
  }

  /**
   * Moves its clock forward, and runs all that falls due on the way, in order, each at its own moment. `timeout` bounds the
   * real time that takes.
   * @param {Span} by
   * @param {{ timeout?: Span }} [options]
   */
  advance(by, { timeout = "60s" } = {}) {
    return this.#rest("/clock/advance", { by }, timeout);
  }

  /**
   * @param {string} path
   * @param {object | undefined} body
   * @param {Span} timeout
   * @returns {Promise<Advanced>}
   */
  async #rest(path, body, timeout) {
    const patience = microsOf(timeout) / 1_000 + MARGIN_MS;
    const told = await this.ask("POST", `${path}?timeout=${encodeURIComponent(timeout)}`, body, patience);
    const now = new Date(Math.floor(told.micros / 1_000));
    return { now, timers: told.timers, ran: told.ran, ranInAll: told.ran_in_all };
  }

  /**
   * Waits until a condition holds, and returns what it returned.
   *
   * While the clock stands, nothing is waited for: the universe settles, and then its clock is advanced by `step`, again and
   * again, until `within` of its time has passed. While the clock runs, the universe settles and the condition is looked at
   * until `within` of real time has passed. Throws `WaitedInVain` if the condition never held.
   * @template T
   * @param {() => T | Promise<T>} condition
   * @param {{ within?: Span, step?: Span }} [options]
   * @returns {Promise<T>}
   */
  async waitFor(condition, { within = "10s", step = "1s" } = {}) {
    const stands = await this.clock.isFrozen();
    const found = await (stands ? this.#advanceUntil(condition, within, step) : this.#look(condition, within));
    if (found) return found;
    const kind = stands ? " of its own time" : "";
    throw new WaitedInVain(
      `in the universe ${this.name} the condition still came to ${inspect(found)} after ${within}${kind}`,
    );
  }

  /**
   * @template T
   * @param {() => T | Promise<T>} condition
   * @param {Span} within
   * @param {Span} step
   */
  async #advanceUntil(condition, within, step) {
    let left = microsOf(within);
    await this.settle();
    let found = await condition();
    while (!found && left > 0) {
      const by = Math.min(microsOf(step), left);
      await this.advance(`${by}us`);
      left -= by;
      found = await condition();
    }
    return found;
  }

  /**
   * @template T
   * @param {() => T | Promise<T>} condition
   * @param {Span} within
   */
  async #look(condition, within) {
    const end = performance.now() + microsOf(within) / 1_000;
    for (let pause = 10; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const found = await condition();
      const left = Math.floor(end - performance.now());
      if (found || left <= 0) return found;
      const wait = Math.min(pause, left);
      try {
        await this.settle({ timeout: `${wait}ms` });
        await pauseFor(wait);
      } catch (error) {
        // What still runs may have brought it about all the same.
        if (!(error instanceof Unsettled)) throw error;
      }
    }
  }

  /**
   * What led to a request, a delivery or a message (`because`), and what came of it (`caused`).
   * @param {string} id
   * @returns {Promise<Record<string, any>>}
   */
  why(id) {
    return this.ask("GET", `/why/${encodeURIComponent(id)}`);
  }

  /**
   * The newest entries of its record, oldest first: calls, deliveries, faults, what was done outside.
   * @param {{ limit?: number, service?: string }} [options]
   * @returns {Promise<Record<string, any>[]>}
   */
  async record({ limit = 100, service } = {}) {
    const query = new URLSearchParams({ limit: `${limit}`, ...(service !== undefined && { service }) });
    return (await this.ask("GET", `/record?${query}`)).entries;
  }

  /**
   * What the control plane tells of it: `waiting`, `running`, `deadlines`, its `seed`, its `clock`.
   * @returns {Promise<Record<string, any>>}
   */
  describe() {
    return this.ask("GET", "");
  }

  /**
   * Asks something of this universe's part of the control plane.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {number} [patienceMs]
   * @returns {Promise<any>}
   */
  ask(method, path, body, patienceMs) {
    return this.#control.ask(method, `/_mesh/universes/${this.name}${path}`, body, patienceMs);
  }

  /** Deletes it at the end of a block, unless the block has done so. */
  async [Symbol.asyncDispose]() {
    await this.delete().catch(unlessGone);
  }
}

/**
 * A name of a universe, with these words in it, that nobody else has.
 * @param {string} words
 */
export function uniqueName(words) {
  const label = words.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 48).replace(/-+$/, "");
  const mark = crypto.randomUUID().replaceAll("-", "").slice(0, 10);
  return [...(/^[a-z]/.test(label) ? [] : ["u"]), ...(label ? [label] : []), mark].join("-");
}
