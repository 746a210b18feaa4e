/** The fault rules of a universe. */

import { Refused } from "./errors.js";

/** @import { Universe } from "./universe.js" */

/**
 * A rule: mesh-local's page on faults says what its members do.
 * @typedef {object} Rule
 * @property {string} [name]
 * @property {string} [service]
 * @property {string} [operation]
 * @property {string} [resource]
 * @property {string} [account]
 * @property {string} [caller]
 * @property {number} [probability]
 * @property {number} [every]
 * @property {number} [times]
 * @property {Date | string} [from]
 * @property {Date | string} [until]
 * @property {string} [error]
 * @property {string} [message]
 * @property {string} [latency]
 * @property {"before" | "after"} [drop]
 * @property {string | number} [throttle]
 * @property {number} [burst]
 * @property {number} [partial_batch]
 * @property {string} [code]
 * @property {boolean} [duplicate]
 * @property {boolean} [reorder]
 * @property {boolean | string} [stale_read]
 */

/** @typedef {Rule & { name: string, matches: number, injected: number }} ToldRule a rule, how many calls it meant, and how many it struck */

/** A rule that was added. */
export class Fault {
  #faults;

  /**
   * @param {Faults} faults
   * @param {string} name
   */
  constructor(faults, name) {
    this.#faults = faults;
    /** Its name, in the record and in the header `x-mesh-fault` of what it struck. */
    this.name = name;
  }

  /** How many calls it meant. */
  async matches() {
    return (await this.#told()).matches;
  }

  /** How many of them it struck. */
  async injected() {
    return (await this.#told()).injected;
  }

  /** Takes it away. */
  async remove() {
    await this.#faults.remove(this.name);
  }

  async #told() {
    const told = (await this.#faults.list()).find((rule) => rule.name === this.name);
    if (told === undefined) throw new RangeError(`the fault rule ${this.name} has been taken away`);
    return told;
  }

  /** Takes it away at the end of a block, unless the block has done so. */
  async [Symbol.asyncDispose]() {
    await this.remove().catch(unlessGone);
  }
}

/** The fault rules of a universe, in the order in which they are asked. */
export class Faults {
  /** @type {Universe} */
  #universe;

  /** @param {Universe} universe */
  constructor(universe) {
    this.#universe = universe;
  }

  /**
   * Adds a rule behind those there are: `add({ service: "dynamodb", resource: "orders", throttle: "5/s" })`.
   * @param {Rule} rule
   */
  async add(rule) {
    const told = await this.#universe.ask("POST", "/faults", rule);
    return new Fault(this, told.faults[0].name);
  }

  /** The rules, and what became of them. @returns {Promise<ToldRule[]>} */
  async list() {
    return (await this.#universe.ask("GET", "/faults")).faults;
  }

  /**
   * Takes one rule away.
   * @param {string} name
   */
  async remove(name) {
    await this.#universe.ask("DELETE", `/faults/${encodeURIComponent(name)}`);
  }

  /** Takes all rules away. */
  async clear() {
    await this.#universe.ask("DELETE", "/faults");
  }
}

/**
 * What is gone already need not be taken away.
 * @param {unknown} error
 */
export function unlessGone(error) {
  if (!(error instanceof Refused && error.status === 404)) throw error;
}
