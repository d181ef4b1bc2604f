import { runLoad } from "@sallyport/ragnarok-load";
import { until } from "@sallyport/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RagnarokCluster } from "./ragnarok-cluster.ts";

let ragnarok: RagnarokCluster;
beforeAll(async () => {
  ragnarok = await RagnarokCluster.start({ starter: false });
});
afterAll(() => ragnarok.stop());

test("many clients at once meet no error, and leave no player behind", async () => {
  const report = await runLoad({
    login: ragnarok.login,
    accounts: Array.from({ length: 20 }, (_, number) => `load${number}`),
    password: "secret",
    concurrency: 10,
    phase: "hop",
    rounds: 3,
    register: true,
    create: true,
    walk: true,
    stayMs: 0,
  });
  expect(report.errors).toEqual({});
  expect(report.ok).toBe(true);
  expect(report.stepsMs.register.count).toBe(20);
  expect(report.stepsMs.create.count).toBe(20);
  expect(report).toMatchObject({ rounds: 60, roundsWell: 60 });
  await until(() => ragnarok.cluster.mapServer().playerCount === 0, { what: "no player is left" });
});
