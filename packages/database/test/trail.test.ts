import { AccountId, Fence, Unavailable } from "@sallyport/domain";
import { describe, expect, test } from "vitest";
import { type LoginRow, type TrailRow, TrailWriter } from "../src/index.ts";

const walker = AccountId(2_000_000);
const origin = { address: "10.0.0.7", device: null, dialect: "native", clientVersion: "sdk 1" };

/** A writer on a store that does what `answers` says. `tick` lets the time come at which the writer writes. */
function open(answers: () => "written" | "unknown" | "away" = () => "written", waitingMax = 100) {
  const rows = new Map<string, TrailRow>();
  const logins: LoginRow[] = [];
  const leftOut: number[] = [];
  const failures: unknown[] = [];
  const ticks: (() => void)[] = [];
  let nowMs = 1_000_000;
  let bytes = 0;
  const answer = (written: () => void): void => {
    const how = answers();
    if (how !== "away") written();
    if (how !== "written") throw new Unavailable(how);
  };
  const writer = new TrailWriter({
    store: {
      write: async (batch) => answer(() => batch.forEach((row) => rows.set(row.id, row))),
      writeLogins: async (batch) => answer(() => void logins.push(...batch)),
      forget: async () => false,
    },
    server: "login-1",
    wallMs: () => {
      nowMs += 1_000;
      return nowMs;
    },
    randomBytes: (count) => new Uint8Array(count).fill((bytes += 1)),
    every: (_, run) => {
      ticks.push(run);
      return () => {};
    },
    retentionMs: null,
    waitingMax,
    leftOut: (count) => void leftOut.push(count),
    failed: (error) => void failures.push(error),
  });
  return { writer, rows: () => [...rows.values()], logins, leftOut, failures, tick: () => ticks[0]?.() };
}

describe("the trail", () => {
  test("loses nothing at a stop, and has entries in the order of their time", async () => {
    const { writer, rows, leftOut } = open();
    for (const what of ["login", "enter-world", "leave"]) writer.note({ what, accountId: walker, origin });
    await writer.stop();
    expect(rows().map(({ what }) => what)).toEqual(["login", "enter-world", "leave"]);
    expect(rows()[0]).toMatchObject({
      account_id: walker,
      server: "login-1",
      address: "10.0.0.7",
      why: null,
    });
    const ids = rows().map(({ id }) => id);
    expect([...ids].sort()).toEqual(ids);
    expect(leftOut).toEqual([]);
  });

  test("has an entry once, even if the outcome of its first write was unknown", async () => {
    const outcomes = ["unknown", "away", "written"] as const;
    let asked = 0;
    const { writer, rows, failures } = open(() => outcomes[asked++] ?? "written");
    writer.note({ what: "login" });
    await writer.stop();
    expect(rows()).toHaveLength(1);
    expect(asked).toBe(3);
    expect(failures).toEqual([]);
  });

  test("counts refusals of one kind, account and address in one entry", async () => {
    const { writer, rows } = open();
    const refusal = { what: "login-refused", why: "wrong-name-or-password", accountId: walker, origin };
    for (let count = 0; count < 500; count += 1) writer.noteRefusal(refusal);
    writer.noteRefusal({ ...refusal, origin: { ...origin, address: "10.0.0.8" } });
    await writer.stop();
    expect(rows()).toMatchObject([{ detail: { times: 500 } }, { address: "10.0.0.8", detail: null }]);
  });

  test("holds a bounded number of entries while Postgres is away, and says how many it left out", async () => {
    let isAway = true;
    const { writer, rows, leftOut } = open(() => (isAway ? "away" : "written"), 10);
    for (let count = 0; count < 25; count += 1) writer.note({ what: "login" });
    isAway = false;
    await writer.stop();
    expect(rows()).toHaveLength(11);
    expect(rows().at(-1)).toMatchObject({ what: "left-out", detail: { count: 15 } });
    expect(leftOut).toEqual([15]);
  });

  test("says how many entries it lost if Postgres is away at a stop", async () => {
    const { writer, leftOut } = open(() => "away");
    writer.note({ what: "login" });
    writer.note({ what: "leave" });
    await writer.stop();
    expect(leftOut).toEqual([2]);
  });

  test("stores what clients say of themselves in a form that Postgres can store", async () => {
    const { writer, rows } = open();
    writer.note({
      what: "login",
      origin: { address: "fe80::1%eth0", device: "a\0b\ud800", clientVersion: "x".repeat(9_999) },
    });
    writer.note({ what: "login", origin: { address: "bot-1" } });
    await writer.stop();
    expect(rows()).toMatchObject([{ address: "fe80::1", device: "ab\ufffd" }, { address: null }]);
    expect(rows()[0]?.client_version).toHaveLength(500);
  });

  test("has one row for a login, from the first to the last sign of it", async () => {
    const { writer, logins } = open();
    const login = { accountId: walker, fence: Fence(3) };
    writer.seen({ ...login, origin });
    writer.seen(login);
    writer.seen({ ...login, hasEnded: true });
    await writer.stop();
    expect(logins).toHaveLength(1);
    const [row] = logins;
    expect(row).toMatchObject({ address: "10.0.0.7", ended_at: row?.last_active_at });
    expect(row?.last_active_at.localeCompare(row.connected_at)).toBe(1);
  });
});
