import { Unavailable } from "@sallyport/domain";
import { ManualClock, settled } from "@sallyport/testkit";
import { expect, test } from "vitest";
import { heardLog } from "../../server-kit/test/heard-log.ts";
import { onceThere, StoppedEarly } from "../src/stores/wait-for-stores.ts";

const away = (what = "cannot use Redis at REDIS_URL redis://redis: ECONNREFUSED") => new Unavailable(what);

function waiting(errors: () => Error | null, withinMs = 60_000) {
  const clock = new ManualClock();
  const { log, lines } = heardLog();
  const stop = new AbortController();
  const attempts: number[] = [];
  const outcome: { value?: string; error?: unknown } = {};
  const open = async (): Promise<string> => {
    attempts.push(clock.nowMs());
    const error = errors();
    if (error !== null) throw error;
    return "open";
  };
  onceThere({ clock, log, random: () => 0.5, stopping: stop.signal }, open, withinMs).then(
    (value) => void (outcome.value = value),
    (error: unknown) => void (outcome.error = error),
  );
  return { clock, lines, attempts, outcome, stop };
}

test("a store that is not up yet is tried at growing intervals, and each reason is logged once", async () => {
  let error: Error | null = away();
  const { clock, lines, attempts, outcome } = waiting(() => error);
  await clock.advance(7_000);
  error = new Unavailable("cannot use Postgres at DATABASE_URL postgres://db: it is starting up");
  await clock.advance(10_000);
  error = null;
  await clock.advance(5_000);
  expect(outcome).toEqual({ value: "open" });
  expect(attempts.slice(0, 6)).toEqual([0, 200, 600, 1_400, 3_000, 6_200]);
  expect(attempts.slice(6).every((at, index) => at === 11_200 + 5_000 * index)).toBe(true);
  const told = lines.filter(({ msg }) => msg === "a store does not answer yet; trying again");
  expect(told.map(({ level, why }) => [level, why])).toEqual([
    [40, "cannot use Redis at REDIS_URL redis://redis: ECONNREFUSED"],
    [40, "cannot use Postgres at DATABASE_URL postgres://db: it is starting up"],
  ]);
});

test("a store that does not answer in time ends the start, with the name of its setting", async () => {
  const { clock, attempts, outcome } = waiting(() => away(), 10_000);
  await clock.advance(60_000);
  expect(String(outcome.error)).toBe(
    "Error: cannot use Redis at REDIS_URL redis://redis: ECONNREFUSED (not available within START_WITHIN_MS, 10000 ms)",
  );
  expect(attempts.at(-1)).toBeLessThanOrEqual(10_000);
});

test("an error that waiting cannot fix is reported at once", async () => {
  const wrong = new Error("cannot use Redis at REDIS_URL redis://redis: WRONGPASS");
  const { outcome, attempts } = waiting(() => wrong);
  await settled();
  expect(outcome).toEqual({ error: wrong });
  expect(attempts).toEqual([0]);
});

test("a store is tried once if there is no time to wait", async () => {
  const { outcome, attempts } = waiting(() => away(), 0);
  await settled();
  expect(outcome.error).toBeInstanceOf(Error);
  expect(attempts).toEqual([0]);
});

test("a server that is stopped while it waits ends at once", async () => {
  const { clock, outcome, attempts, stop } = waiting(() => away());
  await clock.advance(7_000);
  const before = attempts.length;
  stop.abort();
  await settled();
  expect(outcome.error).toBeInstanceOf(StoppedEarly);
  expect(attempts).toHaveLength(before);
});
