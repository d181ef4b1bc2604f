import { Unavailable } from "@sallyport/domain";
import { replyCode } from "@sallyport/redis";
import { ReplyError } from "ioredis";
import { describe, expect, it } from "vitest";
import { storeError } from "../src/redis/redis-errors.ts";

describe("errors of Redis", () => {
  it.each([
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'.",
    "MASTERDOWN Link with MASTER is down",
    "CLUSTERDOWN The cluster is down",
    "BUSY Redis is busy running a script.",
    "MISCONF Errors writing to the AOF file",
    "NOAUTH Authentication required.",
    "WRONGTYPE Operation against a key holding the wrong kind of value", // somebody else's key
    "upstream failure", // an error of a proxy
  ])("make the store unavailable, with the cause: %s", (message) => {
    const cause = new ReplyError(message);
    const error = storeError(cause, "account:17");
    expect(error).toBeInstanceOf(Unavailable);
    expect(error.cause).toBe(cause);
    expect(error.message).toBe(`account:17: ${message}`);
  });

  it.each([
    "ERR user_script:12: attempt to index a nil value",
    "CROSSSLOT Keys in request don't hash to the same slot",
  ])("are bugs, and do not count as an outage: %s", (message) => {
    const error = storeError(new ReplyError(message), "account:17");
    expect(error).not.toBeInstanceOf(Unavailable);
    expect(error.message).toContain(message);
  });

  it("have a code only when Redis itself answered", () => {
    expect(replyCode(new ReplyError("NOSCRIPT No matching script."))).toBe("NOSCRIPT");
    expect(replyCode(new Error("NOSCRIPT No matching script."))).toBeUndefined();
    expect(storeError(new Error("Connection is closed."), "x")).toBeInstanceOf(Unavailable);
  });
});
