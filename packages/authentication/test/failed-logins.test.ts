import { describe, expect, test } from "vitest";
import { FailedLogins, type FailureBounds } from "../src/failed-logins.ts";

function counting({ keptMax, ...bounds }: Partial<FailureBounds> & { readonly keptMax?: number } = {}) {
  const clock = { nowMs: 1_000_000 };
  const all = {
    failuresPerName: 3,
    failuresPerAddress: 20,
    failuresForgottenMs: 60_000,
    failureWaitMaxMs: 8_000,
    ...bounds,
  };
  const failures = new FailedLogins(all, () => clock.nowMs, keptMax);
  /** Tries to log in with this outcome. Returns how many milliseconds the client has to wait, or 0. */
  const attempt = (name: string, address: string, outcome: "right" | "wrong" | "undecided"): number => {
    const begun = failures.begin(name, address);
    if (!begun.ok) return begun.waitMs;
    begun.end(outcome);
    return 0;
  };
  return { clock, failures, attempt };
}

describe("one name from one address", () => {
  test("has a number of free attempts, and then waits longer after each failure, up to the longest wait", () => {
    const { clock, attempt } = counting();
    const waits: number[] = [];
    for (let failures = 1; failures <= 7; failures += 1) {
      expect(attempt("alice", "a", "wrong")).toBe(0);
      const waitMs = failures < 3 ? 0 : attempt("alice", "a", "wrong");
      waits.push(waitMs);
      clock.nowMs += waitMs;
    }
    expect(waits).toEqual([0, 0, 1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  test("does not wait longer after an attempt that came too early", () => {
    const { clock, attempt } = counting();
    for (let failure = 1; failure <= 3; failure += 1) attempt("alice", "a", "wrong");
    for (let ask = 0; ask < 100; ask += 1) expect(attempt("alice", "a", "wrong")).toBe(1_000);
    clock.nowMs += 1_000;
    expect(attempt("alice", "a", "right")).toBe(0);
  });

  test("counts the name as the same in any case", () => {
    const { attempt } = counting();
    for (const name of ["alice", "ALICE", "Alice"]) attempt(name, "a", "wrong");
    expect(attempt("aLiCe", "a", "right")).toBe(1_000);
  });

  test("does not make other addresses wait, so that no client can lock an account for others", () => {
    const { attempt } = counting();
    for (let failure = 1; failure <= 20; failure += 1) attempt("alice", "attacker", "wrong");
    expect(attempt("alice", "attacker", "right")).toBeGreaterThan(0);
    expect(attempt("alice", "home", "right")).toBe(0);
    expect(attempt("bob", "attacker", "right")).toBe(0);
  });

  test("starts again from zero after a right password", () => {
    const { attempt } = counting();
    for (let login = 1; login <= 5; login += 1) {
      attempt("alice", "a", "wrong");
      attempt("alice", "a", "wrong");
      expect(attempt("alice", "a", "right")).toBe(0);
    }
  });

  test("is forgiven as time passes", () => {
    const { clock, attempt } = counting();
    for (let failure = 1; failure <= 12; failure += 1) {
      expect(attempt("alice", "a", "wrong")).toBe(0);
      // In 20 s, which is a third of `failuresForgottenMs`, one of the three allowed failures is forgotten.
      clock.nowMs += 20_000;
    }
  });

  test("has one attempt at a time at its limit", () => {
    const { clock, failures, attempt } = counting();
    for (let failure = 1; failure <= 3; failure += 1) attempt("alice", "a", "wrong");
    clock.nowMs += 1_000;
    const first = failures.begin("alice", "a");
    const second = failures.begin("alice", "a");
    expect([first.ok, second.ok]).toEqual([true, false]);
    if (first.ok) first.end("undecided");
    expect(attempt("alice", "a", "right")).toBe(0);
  });
});

describe("one address", () => {
  test("waits after too many failures under any names, and other addresses do not", () => {
    const { attempt } = counting();
    for (let failure = 1; failure <= 20; failure += 1)
      expect(attempt(`name${failure}`, "a", "wrong")).toBe(0);
    expect(attempt("another", "a", "right")).toBe(1_000);
    expect(attempt("another", "b", "right")).toBe(0);
  });

  test("is not forgiven after one right password", () => {
    const { attempt } = counting();
    for (let failure = 1; failure <= 20; failure += 1) {
      attempt(`name${failure}`, "a", "wrong");
      attempt("own", "a", "right");
    }
    expect(attempt("own", "a", "right")).toBe(1_000);
  });

  test("cannot escape the count by many guesses at once", () => {
    const { failures } = counting();
    const begun = Array.from({ length: 1_000 }, (_, index) => failures.begin(`name${index}`, "a"));
    expect(begun.filter(({ ok }) => ok)).toHaveLength(80);
    for (const each of begun) if (each.ok) each.end("wrong");
    expect(failures.begin("other", "a")).toMatchObject({ ok: false, by: "address", waitMs: 8_000 });
  });

  test("may have any number of successful logins", () => {
    const { attempt } = counting();
    for (let login = 1; login <= 1_000; login += 1) expect(attempt(`name${login}`, "a", "right")).toBe(0);
  });
});

describe("offers of salts to one address", () => {
  const asks = (failures: FailedLogins, count: number, address = "a"): readonly number[] =>
    Array.from({ length: count }, () => {
      const offered = failures.offer(address);
      return offered.ok ? 0 : offered.waitMs;
    });

  test("are ten for each wrong password that it may have, under any names, and grow as old ones are forgotten", () => {
    const { clock, failures } = counting();
    expect(asks(failures, 201)).toEqual([...Array.from({ length: 200 }, () => 0), 1_000]);
    expect(failures.offer("a")).toMatchObject({ ok: false, by: "offers" });
    expect(asks(failures, 1, "b")).toEqual([0]);
    let offered = 0;
    for (let ask = 0; ask < 600; ask += 1) {
      clock.nowMs += 100;
      offered += asks(failures, 10).filter((waitMs) => waitMs === 0).length;
    }
    // The server forgets 200 offers in this minute. Fewer are made, because each refusal causes a wait of a
    // second.
    expect(offered).toBeGreaterThan(30);
    expect(offered).toBeLessThanOrEqual(200);
  });

  test("do not count if a right proof followed, one proof for one offer", () => {
    const { failures, attempt } = counting();
    for (let login = 1; login <= 1_000; login += 1) {
      expect(asks(failures, 1)).toEqual([0]);
      failures.offerServed("a");
    }
    expect(asks(failures, 200).at(-1)).toBe(0);
    // A correct raw password does not lower the count of offers, because no offer came before it.
    attempt("alice", "a", "right");
    expect(asks(failures, 1)).toEqual([1_000]);
  });

  test("are forgotten as wrong passwords are", () => {
    const { clock, failures } = counting();
    asks(failures, 200);
    clock.nowMs += 60_000;
    expect(asks(failures, 200).at(-1)).toBe(0);
  });

  test("have no limit if wrong passwords have none", () => {
    const { failures } = counting({ failuresPerAddress: 0 });
    expect(new Set(asks(failures, 5_000))).toEqual(new Set([0]));
  });
});

test("an attempt that was neither right nor wrong does not count", () => {
  const { attempt } = counting();
  for (let busy = 1; busy <= 100; busy += 1) expect(attempt("alice", "a", "undecided")).toBe(0);
});

test("a limit of 0 means no limit", () => {
  const { attempt } = counting({ failuresPerName: 0, failuresPerAddress: 0 });
  for (let failure = 1; failure <= 1_000; failure += 1) expect(attempt("alice", "a", "wrong")).toBe(0);
});

test("the least recent names and addresses are forgotten when there are too many", () => {
  const { attempt } = counting({ keptMax: 10, failuresPerName: 1, failuresPerAddress: 0 });
  for (let name = 0; name < 11; name += 1) attempt(`name${name}`, "a", "wrong");
  expect(attempt("name1", "a", "right")).toBeGreaterThan(0);
  expect(attempt("name0", "a", "right")).toBe(0);
});
