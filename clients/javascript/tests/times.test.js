import assert from "node:assert/strict";
import { test } from "node:test";
import { microsOf } from "../src/times.js";
import { uniqueName } from "../src/universe.js";

test("spans are read to the microsecond", () => {
  const spans = { "15m": 900e6, "1d2h3m": 93_780e6, "1.5s": 1.5e6, "500ms": 5e5, "1us": 1, "90": 90e6, " 1m 2s ": 62e6 };
  for (const [text, micros] of Object.entries(spans)) assert.equal(microsOf(text), micros, text);
});

test("what is no span is said", () => {
  for (const text of ["", "soon", "15 minutes", "m", "3m1h", "-1s", "1x"]) {
    assert.throws(() => microsOf(text), /is no span: write 25h/, text);
  }
});

test("a name of a universe is made of any words", () => {
  for (const words of ["a test", "Ümläut 3", "", "7 days", "-", "x".repeat(500)]) {
    assert.match(uniqueName(words), /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/, words);
  }
  assert.notEqual(uniqueName("a"), uniqueName("a"));
});
