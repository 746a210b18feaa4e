import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as pauseFor } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Mesh, NotStarted } from "mesh-local";

const run = promisify(execFile);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const START = 'import { Mesh } from "mesh-local"; const mesh = await Mesh.start(); console.log(mesh.endpoint);';

/** Whether somebody listens. @param {string} endpoint */
async function answers(endpoint) {
  const socket = connect(Number(new URL(endpoint).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** @param {string} endpoint */
async function ends(endpoint) {
  for (const end = performance.now() + 10_000; await answers(endpoint); await pauseFor(10)) {
    assert.ok(performance.now() < end, "it goes on");
  }
}

/** What a module prints. @param {string} code */
async function printed(code) {
  return (await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: HERE, timeout: 60_000 })).stdout.trim();
}

/**
 * Sets a name of the environment for a test.
 * @param {import("node:test").TestContext} t
 * @param {string} name
 * @param {string | undefined} value
 */
function setEnvironment(t, name, value) {
  const former = process.env[name];
  const set = (/** @type {string | undefined} */ to) => {
    if (to === undefined) delete process.env[name];
    else process.env[name] = to;
  };
  set(value);
  t.after(() => set(former));
}

test("a private instance ends when it is told to", async () => {
  const mesh = await Mesh.start();
  assert.ok(mesh.isPrivate);
  assert.deepEqual(await mesh.universes(), ["default"]);
  await mesh.end();
  await mesh[Symbol.asyncDispose]();
  assert.equal(await answers(mesh.endpoint), false);
  await assert.rejects(mesh.universes(), /does not answer/);
});

test("a private instance keeps nobody from ending, and ends with him", async () => {
  await ends(await printed(START));
});

test("a private instance ends with a starter that is killed", async () => {
  const code = `${START} setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ["--input-type=module", "--eval", code], { cwd: HERE });
  const [endpoint] = await once(starter.stdout, "data");
  assert.ok(await answers(`${endpoint}`.trim()));
  starter.kill("SIGKILL");
  await ends(`${endpoint}`.trim());
});

test("a private instance is not told what another is to do", async (t) => {
  setEnvironment(t, "MESH_LOCAL_TOKEN", "secret");
  const mesh = await Mesh.start();
  assert.deepEqual(await mesh.universes(), ["default"]);
  await mesh.end();
});

test("an instance that runs is found, called with its token, and left running", async (t) => {
  const started = await Mesh.start({ arguments: ["--token", "secret"] });
  t.after(() => started.end());
  setEnvironment(t, "MESH_LOCAL_ENDPOINT", started.endpoint);
  await assert.rejects(Mesh.find(), (error) => error instanceof NotStarted && /token/.test(error.message));
  setEnvironment(t, "MESH_LOCAL_TOKEN", "secret");
  const mesh = await Mesh.find();
  assert.equal(mesh.isPrivate, false);
  const { environment, credentials } = mesh.universe();
  assert.deepEqual([environment.AWS_ENDPOINT_URL, environment.AWS_SESSION_TOKEN], [started.endpoint, "secret"]);
  assert.equal(credentials.sessionToken, "secret");
  await mesh.end();
  assert.ok(await answers(started.endpoint));
});

test("what cannot be started is said", async () => {
  await assert.rejects(Mesh.start({ binary: "/nowhere/mesh-local" }), /^NotStarted: cannot run .*MESH_LOCAL_BIN/s);
  await assert.rejects(Mesh.start({ arguments: ["--host", "0.0.0.0"] }), /before it was ready/);
});

test("the example of the page runs", async (t) => {
  const page = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const example = /^```js\n(.*?)^```$/ms.exec(page)?.[1] ?? assert.fail("the page has no example");
  const folder = await mkdtemp(`${HERE}example-`);
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(`${folder}/orders.test.js`, example);
  // The runner that runs this would be told, and print, what that one is.
  const environment = { ...process.env, NODE_TEST_CONTEXT: undefined, MESH_LOCAL_ENDPOINT: undefined };
  const options = { cwd: folder, env: environment, timeout: 60_000 };
  const { stdout } = await run(process.execPath, ["--test", "--test-reporter=tap", "orders.test.js"], options);
  assert.match(stdout, /^# tests 3$/m);
  assert.match(stdout, /^# pass 3$/m);
});
