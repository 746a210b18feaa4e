/** A queue, called without an SDK: what most tests need. */

export class Queue {
  /**
   * @param {import("mesh-local").Universe} universe
   * @param {string} url
   */
  constructor(universe, url) {
    this.universe = universe;
    this.url = url;
  }

  /** Makes the queue. @param {import("mesh-local").Universe} universe */
  static async create(universe) {
    const { told } = await call(universe, "CreateQueue", { QueueName: "orders" });
    return new Queue(universe, told.QueueUrl);
  }

  /** The queue, where it has been made. @param {import("mesh-local").Universe} universe */
  static async of(universe) {
    const { told } = await call(universe, "GetQueueUrl", { QueueName: "orders" });
    return new Queue(universe, told.QueueUrl);
  }

  /**
   * @param {string} body
   * @param {object} [options]
   * @returns {Promise<string>}
   */
  async send(body, options) {
    const { told } = await call(this.universe, "SendMessage", { QueueUrl: this.url, MessageBody: body, ...options });
    return told.MessageId;
  }

  /** @returns {Promise<string[]>} */
  async receive() {
    const { told } = await call(this.universe, "ReceiveMessage", { QueueUrl: this.url, MaxNumberOfMessages: 10 });
    return (told.Messages ?? []).map((/** @type {{ Body: string }} */ message) => message.Body);
  }
}

/**
 * Calls SQS.
 * @param {import("mesh-local").Universe} universe
 * @param {string} operation
 * @param {object} [input]
 */
export async function call(universe, operation, input = {}) {
  const answer = await fetch(universe.endpoint, {
    method: "POST",
    headers: { "x-amz-target": `AmazonSQS.${operation}`, "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify(input),
  });
  return { status: answer.status, fault: answer.headers.get("x-mesh-fault"), told: JSON.parse(await answer.text()) };
}
