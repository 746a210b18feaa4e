/** The clock of a universe. */

import { momentText } from "./times.js";

/** @import { Universe, Advanced } from "./universe.js" */
/** @import { Moment, Span } from "./times.js" */

/** It runs with the machine's clock, or offset from it, or stands. */
export class Clock {
  /** @type {Universe} */
  #universe;

  /** @param {Universe} universe */
  constructor(universe) {
    this.#universe = universe;
  }

  /** The moment it is in the universe, cut to milliseconds. */
  async now() {
    return new Date(Math.floor((await this.#show()).micros / 1_000));
  }

  /** Whether it stands. @returns {Promise<boolean>} */
  async isFrozen() {
    return (await this.#show()).mode === "frozen";
  }

  /**
   * Stops it where it is, or at a moment that is not before what has happened in the universe.
   * @param {Moment} [at]
   */
  async freeze(at) {
    await this.#tell("freeze", at === undefined ? {} : { at: momentText(at) });
  }

  /** Lets it run on from where it stands. */
  async resume() {
    await this.#tell("resume");
  }

  /**
   * Goes to a moment, and runs or stands there as before. What falls due on the way is not run moment by moment: `advance`
   * does that.
   * @param {Moment} at
   */
  async set(at) {
    await this.#tell("set", { at: momentText(at) });
  }

  /**
   * Runs with the machine's clock, ahead of it by so much, or (`"-2h"`) behind it.
   * @param {Span} by
   */
  async offset(by) {
    await this.#tell("offset", { by });
  }

  /**
   * Goes forward, and runs all that falls due on the way, in order, each at its own moment. Returns when all of it has come
   * to rest.
   * @param {Span} by
   * @returns {Promise<Advanced>}
   */
  advance(by) {
    return this.#universe.advance(by);
  }

  /** @returns {Promise<{ micros: number, mode: string }>} */
  #show() {
    return this.#universe.ask("GET", "/clock");
  }

  /**
   * @param {string} what
   * @param {object} [body]
   */
  #tell(what, body) {
    return this.#universe.ask("POST", `/clock/${what}`, body);
  }
}
