import { Unavailable } from "@sallyport/domain";
import { describe, expect, it } from "vitest";
import { sweepDue } from "../src/index.ts";

const storeOf = (count: number) => ({
  due: async (limit: number) => Array.from({ length: Math.min(count, limit) }, (_, n) => `account:${n}`),
});
const unexpected = (key: string, error: unknown) => expect.unreachable(`${key}: ${String(error)}`);

describe("expiry sweep", () => {
  it("expires each key once, up to its limit", async () => {
    const seen: string[] = [];
    const expire = async (key: string) => void seen.push(key);
    expect(await sweepDue({ store: storeOf(500), limit: 100, expire, onError: unexpected })).toEqual({
      due: 100,
      failed: 0,
    });
    expect(new Set(seen).size).toBe(100);
    expect(seen).toHaveLength(100);
  });

  it("has no more under way than allowed", async () => {
    let underWay = 0;
    let most = 0;
    const expire = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
    };
    await sweepDue({ store: storeOf(50), limit: 100, expire, onError: unexpected, concurrency: 7 });
    expect(most).toBe(7);
  });

  it("continues after a key that fails, and reports it", async () => {
    const failed: string[] = [];
    const expired: string[] = [];
    const swept = await sweepDue({
      store: storeOf(10),
      limit: 10,
      concurrency: 1,
      expire: async (key) => {
        if (key === "account:3") throw new Error("odd");
        expired.push(key);
      },
      onError: (key, error) => failed.push(`${key} ${(error as Error).message}`),
    });
    expect(swept).toEqual({ due: 10, failed: 1 });
    expect(failed).toEqual(["account:3 odd"]);
    expect(expired).toHaveLength(9);
  });

  it("does nothing when nothing is due", async () => {
    const expire = async () => expect.unreachable();
    expect(await sweepDue({ store: storeOf(0), limit: 10, expire, onError: unexpected })).toEqual({
      due: 0,
      failed: 0,
    });
  });

  it("fails as a whole if it cannot find out which keys are due", async () => {
    const store = { due: () => Promise.reject(new Unavailable("away")) };
    const expire = async () => {};
    await expect(sweepDue({ store, limit: 10, expire, onError: unexpected })).rejects.toThrow(Unavailable);
  });
});
