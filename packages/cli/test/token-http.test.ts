import { Unavailable } from "@sallyport/domain";
import type { PublishedTokens } from "@sallyport/login-server";
import { afterEach, describe, expect, test } from "vitest";
import type { OpenHttp } from "../src/process/open-http.ts";
import { openTokenHttp } from "../src/tiers/token-http.ts";

let opened: OpenHttp | null = null;
afterEach(async () => {
  await opened?.stop();
  opened = null;
});

const bugs: unknown[] = [];
const published: PublishedTokens = { keys: async () => ({ keys: [] }), revocations: async () => "a.b.c" };

async function asks(
  path: string,
  more: Partial<PublishedTokens> = {},
  init: RequestInit = {},
): Promise<Response> {
  opened = await openTokenHttp(
    { host: "127.0.0.1", port: 0, tls: null },
    { tokens: { ...published, ...more }, failed: (error) => void bugs.push(error) },
  );
  return fetch(`${opened.url}${path}`, init);
}

describe("the port for the keys of identity tokens", () => {
  test("shows keys and list, which no proxy keeps", async () => {
    const keys = await asks("/.well-known/jwks.json");
    expect([keys.status, await keys.json()]).toEqual([200, { keys: [] }]);
    expect(keys.headers.get("cache-control")).toBe("no-store");
    await opened?.stop();
    expect(await (await asks("/revocations?since=1")).text()).toBe("a.b.c");
  });

  test("answers HEAD without the text", async () => {
    const answer = await asks("/revocations", {}, { method: "HEAD" });
    expect([answer.status, answer.headers.get("content-length"), await answer.text()]).toEqual([
      200,
      "5",
      "",
    ]);
  });

  test.each(["/", "/revocations/", "/toString", "/__proto__", "//revocations"])(
    "has nothing at %s",
    async (path) => {
      expect((await asks(path)).status).toBe(404);
    },
  );

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("does not know %s", async (method) => {
    const answer = await asks("/revocations", {}, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("says that the database is away, and when to come again", async () => {
    const away = async (): Promise<never> => {
      throw new Unavailable("away");
    };
    const answer = await asks("/revocations", { revocations: away });
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await answer.text()).not.toContain("away");
  });

  test("reports a bug, and answers nothing", async () => {
    const bug = new TypeError("a bug");
    const broken = async (): Promise<never> => {
      throw bug;
    };
    await expect(asks("/revocations", { revocations: broken })).rejects.toThrow();
    expect(bugs).toEqual([bug]);
  });
});
