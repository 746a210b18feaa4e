// What a user in TypeScript writes: checked against the declarations, never run.
import { test } from "node:test";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type Advanced, Mesh, type Rule, type Universe, Unsettled } from "mesh-local";

test("declarations", async (t) => {
  await using mesh = await Mesh.find();
  const universe: Universe = await mesh.universe().forkFor(t);
  const sqs = new SQSClient({ ...universe.config, maxAttempts: 1 });
  const rule: Rule = { service: "sqs", throttle: "5/s", until: new Date() };
  await using fault = await universe.faults.add(rule);
  const injected: number = await fault.injected();
  const advanced: Advanced = await universe.clock.advance("15m");
  const found: string = await universe.waitFor(async () => "found", { within: "1m" });
  const pending = (error: unknown): string[] => (error instanceof Unsettled ? error.pending : []);
  // @ts-expect-error a span is text: a number does not say of what it is one
  await universe.advance(900);
  // @ts-expect-error there is no such member
  await universe.faults.add({ servcie: "sqs" });
  console.log(sqs, injected, advanced.now.getTime(), found, pending(null));
});
