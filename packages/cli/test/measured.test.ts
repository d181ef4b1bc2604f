import { defaultHashParameters } from "@sallyport/authentication";
import { Unavailable } from "@sallyport/domain";
import { MemoryLockStore } from "@sallyport/lock-store";
import { expect, test } from "vitest";
import { PrometheusMetrics } from "../src/process/prometheus-metrics.ts";
import { measuredDatabase, measuredHasher, measuredLockStore } from "../src/stores/measured.ts";

test("a store's answers are timed by request, and its failures are counted and passed on", async () => {
  const metrics = new PrometheusMetrics();
  const locks = new MemoryLockStore({ nowMs: () => 1 });
  const store = measuredLockStore(locks, metrics);
  expect(await store.load("account:1")).toEqual({ nowMs: 1, lock: null });
  await locks.close();
  await expect(store.due(10)).rejects.toThrow(Unavailable);

  const broken = new Error("no answer");
  const database = measuredDatabase(
    { query: () => Promise.reject(broken), close: () => Promise.resolve() },
    metrics,
  );
  await expect(database.query({ name: "character-take", text: "" }, [])).rejects.toBe(broken);

  const text = await metrics.text();
  expect(text).toContain('sallyport_store_seconds_count{store="locks",operation="load"} 1');
  expect(text).not.toContain('sallyport_store_errors_total{store="locks",operation="load"}');
  expect(text).toContain('sallyport_store_errors_total{store="locks",operation="due"} 1');
  expect(text).toContain('sallyport_store_errors_total{store="database",operation="character-take"} 1');
});

test("the wait and the hash of a password are timed separately, and refusals are counted", async () => {
  const metrics = new PrometheusMetrics();
  const hasher = measuredHasher({ queueMax: 1, queuePerAddressMax: 1 }, metrics);
  const salt = new Uint8Array(16);
  const hashing = Array.from({ length: 10 }, () => hasher.hash({ password: "correct horse", salt }));
  const { running } = hasher.load;
  expect(await metrics.text()).toContain("sallyport_passwords_waiting 1");
  await Promise.all(hashing);
  const text = await metrics.text();
  expect(text).toContain(`sallyport_password_hash_seconds_count ${running + 1}`);
  expect(text).toContain(`sallyport_password_wait_seconds_count ${running + 1}`);
  expect(text).toContain(`sallyport_passwords_refused_total ${10 - running - 1}`);
  expect(hasher.parameters).toEqual(defaultHashParameters);
});
