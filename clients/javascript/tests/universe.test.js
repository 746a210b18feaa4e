import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Mesh, Refused, Unsettled, WaitedInVain } from "mesh-local";
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { call, Queue } from "./queue.js";

const NEW_YEAR = new Date("2100-01-01T00:00:00Z");
const MINUTE_MS = 60_000;

/** @type {Mesh} */
let mesh;
/** @type {import("mesh-local").Universe} */
let prepared;

before(async () => {
  mesh = await Mesh.start();
  prepared = await mesh.create();
  await Queue.create(prepared);
});

after(() => mesh.end());

for (const body of ["one", "another"]) {
  test(`each test has what was prepared and nothing of another test: ${body}`, async (t) => {
    const universe = await prepared.forkFor(t);
    assert.match(universe.name, /^each-test-has-what-was-prepared/);
    const queue = await Queue.of(universe);
    assert.deepEqual(await queue.receive(), []);
    await queue.send(body);
    assert.deepEqual(await queue.receive(), [body]);
    assert.equal(queue.url, `${universe.endpoint}/000000000000/orders`);
  });
}

test("a universe ends with its test", async (t) => {
  let name = "";
  await t.test("inner", async (t) => {
    name = (await prepared.forkFor(t)).name;
    assert.ok((await mesh.universes()).includes(name));
  });
  assert.ok(!(await mesh.universes()).includes(name));
  await assert.rejects(mesh.universe(name).settle(), (error) => error instanceof Refused && error.status === 404);
});

test("a universe that its test deletes is no failure", async (t) => {
  await (await prepared.forkFor(t)).delete();
});

test("a test that has failed tells what happened in its universe", async () => {
  /** @type {string[]} */
  const told = [];
  /** @type {(() => Promise<void>)[]} */
  const ends = [];
  const context = {
    name: "a test that fails",
    passed: false,
    after: (/** @type {() => Promise<void>} */ end) => void ends.push(end),
    diagnostic: (/** @type {string} */ text) => void told.push(text),
  };
  const universe = await prepared.forkFor(context);
  await universe.faults.add({ name: "broken", service: "sqs", error: "ServiceUnavailable", times: 1 });
  await call(universe, "ListQueues");
  await ends[0]?.();
  assert.match(told[0] ?? "", /in the universe a-test-that-fails-\w+:$/);
  assert.match(told[1] ?? "", /fault  broken  error=ServiceUnavailable  on  sqs  ListQueues$/);
  assert.match(told[2] ?? "", /503  sqs  ListQueues  \S+  ServiceUnavailable$/);
  assert.ok(!(await mesh.universes()).includes(universe.name));
});

test("the AWS SDK is told all it needs", async (t) => {
  const universe = await prepared.forkFor(t);
  const sqs = new SQSClient(universe.config);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "orders" }));
  await universe.clock.freeze();
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "late", DelaySeconds: 900 }));
  await universe.clock.advance("15m");
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(Messages?.[0]?.Body, "late");
  sqs.destroy();
});

test("a fork of a fork has its state", async (t) => {
  const universe = await prepared.forkFor(t);
  const queue = await Queue.of(universe);
  await queue.send("before");
  const fork = await universe.fork();
  await queue.send("after");
  assert.deepEqual(await (await Queue.of(fork)).receive(), ["before"]);
  await assert.rejects(universe.fork(fork.name), /already/);
  await fork[Symbol.asyncDispose]();
  assert.ok(!(await mesh.universes()).includes(fork.name));
});

test("a universe comes out of the file it went into", async (t) => {
  const universe = await prepared.forkFor(t);
  await (await Queue.of(universe)).send("kept");
  const folder = await mkdtemp(join(tmpdir(), "mesh-local-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "universe");
  await universe.exportTo(file);
  const copy = await mesh.createFrom(file);
  assert.deepEqual(await (await Queue.of(copy)).receive(), ["kept"]);
  await assert.rejects(mesh.createFrom(file, copy.name), /already/);
  await copy.delete();
  await writeFile(file, "something else");
  await assert.rejects(mesh.createFrom(file), /cannot be imported/);
});

test("a reset empties a universe", async (t) => {
  const universe = await prepared.forkFor(t);
  await universe.reset();
  assert.equal((await universe.describe()).partitions, 0);
});

test("why tells what came of a message", async (t) => {
  const universe = await prepared.forkFor(t);
  const sent = await (await Queue.of(universe)).send("hello");
  assert.equal((await universe.why(sent)).caused[0].operation, "SendMessage");
  assert.equal((await universe.record({ limit: 1, service: "sqs" }))[0]?.operation, "SendMessage");
  await assert.rejects(universe.why("no id"), Refused);
});

test("a quarter of an hour passes at once, and not a moment less", async (t) => {
  const universe = await prepared.forkFor(t);
  const queue = await Queue.of(universe);
  await universe.clock.freeze();
  const before = await universe.clock.now();
  await queue.send("late", { DelaySeconds: 900 });
  await universe.clock.advance("14m59s999ms999us");
  assert.deepEqual(await queue.receive(), []);
  const advanced = await universe.clock.advance("1us");
  assert.deepEqual(await queue.receive(), ["late"]);
  assert.equal(advanced.now.getTime() - before.getTime(), 15 * MINUTE_MS);
  assert.equal(advanced.ranInAll, 0);
});

test("the clock stands where it is told, runs on, and does not run backwards", async (t) => {
  const { clock } = await prepared.forkFor(t);
  assert.equal(await clock.isFrozen(), false);
  await clock.freeze(NEW_YEAR);
  assert.deepEqual(await clock.now(), NEW_YEAR);
  await clock.set("2100-01-02T00:00:00Z");
  assert.equal(await clock.isFrozen(), true);
  await clock.resume();
  assert.equal(await clock.isFrozen(), false);
  assert.ok((await clock.now()) > NEW_YEAR);
  await clock.offset("25h");
  assert.ok((await clock.now()).getTime() - Date.now() > 24 * 60 * MINUTE_MS);
  await assert.rejects(clock.set(new Date(0)), /backwards/);
  await assert.rejects(clock.advance("-1s"), /forwards/);
});

test("a rule strikes what it means", async (t) => {
  const universe = await prepared.forkFor(t);
  const fault = await universe.faults.add({ service: "sqs", operation: "ListQueues", error: "ServiceUnavailable", every: 2 });
  assert.equal((await call(universe, "ListQueues")).status, 200);
  const { status, fault: header } = await call(universe, "ListQueues");
  assert.deepEqual([status, header], [503, `${fault.name} error=ServiceUnavailable`]);
  assert.deepEqual([await fault.matches(), await fault.injected()], [2, 1]);
  await fault[Symbol.asyncDispose]();
  await fault[Symbol.asyncDispose]();
  assert.deepEqual(await universe.faults.list(), []);
  await assert.rejects(fault.matches(), RangeError);
  await assert.rejects(fault.remove(), /no fault rule/);
});

test("a throttle and a window are of the universe's time", async (t) => {
  const universe = await prepared.forkFor(t);
  await universe.clock.freeze(NEW_YEAR);
  await universe.faults.add({ service: "sqs", throttle: "1/s", from: NEW_YEAR, until: "2100-01-01T01:00:00Z" });
  assert.equal((await call(universe, "ListQueues")).status, 200);
  assert.equal((await call(universe, "ListQueues")).status, 403);
  await universe.clock.advance("1s");
  assert.equal((await call(universe, "ListQueues")).status, 200);
  await universe.clock.advance("1h");
  for (const _ of [1, 2, 3]) assert.equal((await call(universe, "ListQueues")).status, 200);
  await universe.faults.clear();
});

test("a rule that cannot do what it says is refused", async (t) => {
  const universe = await prepared.forkFor(t);
  await assert.rejects(universe.faults.add({ service: "sqss", drop: "before" }), /sqss/);
});

test("while the clock stands it is advanced until the condition holds, and no further than it may", async (t) => {
  const universe = await prepared.forkFor(t);
  const queue = await Queue.of(universe);
  await universe.clock.freeze(NEW_YEAR);
  await queue.send("late", { DelaySeconds: 600 });
  const found = await universe.waitFor(async () => (await queue.receive())[0], { within: "15m", step: "1m" });
  assert.equal(found, "late");
  assert.deepEqual(await universe.clock.now(), new Date(NEW_YEAR.getTime() + 10 * MINUTE_MS));
  const inVain = universe.waitFor(() => 0, { within: "25s", step: "10s" });
  await assert.rejects(inVain, (error) => error instanceof WaitedInVain && /came to 0 after 25s of its own/.test(error.message));
  assert.deepEqual(await universe.clock.now(), new Date(NEW_YEAR.getTime() + 10 * MINUTE_MS + 25_000));
});

test("while the clock runs what is under way is waited for, and no longer than it may", async (t) => {
  const universe = await prepared.forkFor(t);
  const queue = await Queue.of(universe);
  await universe.faults.add({ service: "sqs", operation: "SendMessage", latency: "100ms" });
  const sent = queue.send("slow");
  assert.deepEqual(await universe.waitFor(async () => (await queue.receive())[0]), "slow");
  await sent;
  await assert.rejects(universe.waitFor(() => null, { within: "30ms" }), /came to null after 30ms$/);
});

test("what does not come to rest is listed", async (t) => {
  const universe = await prepared.forkFor(t);
  await universe.faults.add({ service: "sqs", operation: "ListQueues", latency: "60s" });
  const called = call(universe, "ListQueues");
  await universe.waitFor(async () => (await universe.describe()).running > 0);
  await assert.rejects(universe.settle({ timeout: "20ms" }), (error) => {
    assert.ok(error instanceof Unsettled);
    assert.deepEqual([error.pending, error.calls[0]?.operation], [[], "ListQueues"]);
    return true;
  });
  // The end of a universe ends who waits in it.
  await universe.delete();
  assert.equal((await called).status, 503);
});
