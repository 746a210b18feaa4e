/** The control plane, over HTTP. */

import { MeshError, Refused, Unsettled } from "./errors.js";

/** How long an answer may take: `settle` and `advance` take a minute unless they are told otherwise. */
const PATIENCE_MS = 75_000;

/** The control plane of a process. */
export class Control {
  /**
   * @param {string} endpoint
   * @param {string | undefined} token
   */
  constructor(endpoint, token) {
    this.endpoint = endpoint.replace(/\/+$/, "");
    this.token = token;
  }

  /**
   * Asks, and returns the answer; an empty one is undefined.
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @param {number} [patienceMs]
   * @returns {Promise<any>}
   */
  async ask(method, path, body, patienceMs) {
    const sent = body === undefined ? null : JSON.stringify(body);
    return read((await this.exchange(method, path, sent, patienceMs)).toString());
  }

  /**
   * Sends a body, and returns that of the answer.
   * @param {string} method
   * @param {string} path
   * @param {string | Uint8Array<ArrayBuffer> | null} body
   * @param {number} [patienceMs]
   */
  async exchange(method, path, body, patienceMs = PATIENCE_MS) {
    /** @type {Record<string, string>} */
    const headers = { "x-mesh": "1", "content-type": "application/json" };
    if (this.token !== undefined) headers["x-mesh-token"] = this.token;
    let answer, told;
    try {
      answer = await fetch(this.endpoint + path, { method, headers, body, signal: AbortSignal.timeout(patienceMs) });
      told = Buffer.from(await answer.arrayBuffer());
    } catch (cause) {
      const { message } = /** @type {Error} */ (/** @type {Error} */ (cause).cause ?? cause);
      throw new MeshError(`${this.endpoint} does not answer: ${message}. Does mesh-local still run there?`, { cause });
    }
    if (answer.ok) return told;
    const [details, Failure] = [read(told.toString()), answer.status === 504 ? Unsettled : Refused];
    const sentence = details?.error ?? (told.toString() || `${answer.status} ${answer.statusText}`);
    throw new Failure(answer.status, sentence, details ?? {});
  }
}

/** @param {string} text */
function read(text) {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
