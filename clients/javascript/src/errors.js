/** What can go wrong, each with a sentence that says what to do. */

/** Any of them. */
export class MeshError extends Error {
  get name() {
    return this.constructor.name;
  }
}

/** There is no mesh-local to be had. */
export class NotStarted extends MeshError {}

/** The control plane refused, or could not do in time, what it was asked. */
export class Refused extends MeshError {
  /**
   * @param {number} status the status of the answer
   * @param {string} sentence what is wrong, and what to do about it
   * @param {Record<string, any>} details the whole answer: beside `error`, what helps to go on
   */
  constructor(status, sentence, details) {
    super(sentence);
    this.status = status;
    this.details = details;
  }
}

/** A universe did not come to rest in time. */
export class Unsettled extends Refused {
  /** Deliveries and drivers that are under way.
   * @returns {string[]} */
  get pending() {
    return this.details.pending ?? [];
  }

  /** Requests that have not ended: service, operation, id, how long they have run.
   * @returns {Record<string, any>[]} */
  get calls() {
    return this.details.calls ?? [];
  }
}

/** A condition did not come true. */
export class WaitedInVain extends MeshError {}
