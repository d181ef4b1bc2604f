import { clientBounds } from "@sallyport/server-kit";
import { testHost, until } from "@sallyport/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Identities, ResourceServer, type ResourceServerOptions } from "../src/index.ts";
import { Asking, type Person } from "./asking.ts";

/* The same requests over HTTP. */

const ban = { id: 1, network: "192.0.2.0/24", device: null, untilMs: null, text: null, isLifted: false };
const networkBans = {
  bansAfter: async (version: number) => ({ items: version === 0 ? [ban] : [], version: 1 }),
};

const serverOf = (options: Partial<ResourceServerOptions>): ResourceServer =>
  new ResourceServer(testHost(), {
    ...{ identities: asking.identities, store: asking.store, audience: "resource", version: "1.0.0" },
    ...{ bounds: clientBounds({}), longRequestsMax: 1, networkBans, ...options },
  });

let asking: Asking;
let server: ResourceServer;
let admin: Person;
beforeAll(async () => {
  asking = await Asking.open();
  admin = asking.person("root", "administrator");
  server = serverOf({});
});
afterAll(async () => {
  await server.stop();
  await asking.close();
});

interface Sent {
  readonly as?: Person | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly remote?: string;
  readonly to?: ResourceServer;
  readonly written?: Promise<void>;
}

const near = "127.0.0.1:40000";
const atOnce = Promise.resolve();

async function send(
  method: string,
  path: string,
  { as = admin, body, headers = {}, remote = near, to = server, written = atOnce }: Sent = {},
) {
  const authorization = as === null ? {} : { authorization: `Bearer ${tokenIn(as)}` };
  const init = {
    ...{ method, headers: { ...authorization, ...headers } },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
  const response = await to.app.fetch(new Request(`http://resource${path}`, init), remote, written);
  // Each test knows what it has asked for.
  const reply = (await response.json()) as any;
  return { status: response.status, headers: response.headers, reply };
}

/** A bearer token has no braces, so the one of a test is in base64. */
const tokenIn = ({ token }: Person): string => Buffer.from(token).toString("base64url");

const promised = () => {
  let keep = (): void => {};
  const promise = new Promise<void>((resolve) => {
    keep = resolve;
  });
  return { promise, keep };
};

const newEntry = async (board: string): Promise<number> => {
  const path = `/leaderboards/${await newBoard(board)}/entries`;
  return (await send("POST", path, { body: { score: 5, comment: "" } })).reply.data as number;
};

const longProof = {
  ...{ filename: "a.bin", file: Buffer.alloc(100, 1).toString("base64") },
  padding: " ".repeat(1 << 20),
};

const newBoard = async (name: string): Promise<number> => {
  const body = { leaderboard_name: name, leaderboard_permission: 2, leaderboard_ascending: false };
  const { status, reply } = await send("POST", "/leaderboards", { body });
  expect([status, reply.success]).toEqual([200, true]);
  return reply.data as number;
};

describe("a request over HTTP", () => {
  test("has its fields in its path, in its query and in its body", async () => {
    const board = await newBoard("First");
    const entry = await send("POST", `/leaderboards/${board}/entries`, { body: { score: 5, comment: "" } });
    const shown = await send("GET", `/leaderboards/${board}?limit=1`);
    expect(shown.reply.data.entries[0][0]).toBe(entry.reply.data);
    expect((await send("GET", `/leaderboards/${board}?limit=1&offset=1`)).reply.data.entries).toEqual([]);
    expect((await send("GET", `/leaderboards/${board}?limit=x`)).reply).toEqual({
      ...{ success: false, refusal: "invalid" },
      data: "Bad request. limit: not a whole number from 1 to 1000",
    });
  });

  test("takes a field only from its own place", async () => {
    const [one, two] = [await newBoard("Two"), await newBoard("Three")];
    const body = { leaderboard_id: two, ascending: true };
    expect((await send("PUT", `/leaderboards/${one}/order?ascending=false`, { body })).status).toBe(200);
    expect((await send("GET", `/leaderboards/${one}`)).reply.data.ascending).toBe(true);
    expect((await send("GET", `/leaderboards/${two}`)).reply.data.ascending).toBe(false);
  });

  test("is refused by a status and the sentence that TCP has", async () => {
    const player = asking.person("player");
    const board = await newBoard("Four");
    const remove = await send("DELETE", `/leaderboards/${board}`, { as: player });
    expect(remove).toMatchObject({
      status: 403,
      reply: { success: false, data: "Access Denied", refusal: "access-denied" },
    });
    expect((await send("GET", "/leaderboards/2000000")).status).toBe(404);
    expect((await send("GET", "/nothing")).status).toBe(404);
    expect((await send("PUT", `/leaderboards/${board}/order`, { body: "{" })).status).toBe(400);
    expect((await send("PUT", `/leaderboards/${board}/order`, { body: "[]" })).status).toBe(400);
  });

  test("without a valid token is refused by 401, and its body is not read", async () => {
    for (const sent of [{ as: null }, { as: { identity: "x", token: "" } }])
      expect((await send("GET", "/users", sent)).status).toBe(401);
    const basic = await send("GET", "/users", { as: null, headers: { authorization: "Basic eDp5" } });
    expect([basic.status, basic.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="sallyport"']);
    const body = new ReadableStream({ pull: () => Promise.reject(new Error("the body is read")) });
    const request = new Request("http://resource/leaderboards", {
      method: "POST",
      body,
      duplex: "half",
    } as never);
    expect((await server.app.fetch(request, near, atOnce)).status).toBe(401);
  });

  test("with a body of more than 1 MiB is refused, unless it has a proof", async () => {
    const board = await newBoard("Five");
    const entry = await send("POST", `/leaderboards/${board}/entries`, { body: { score: 5, comment: "" } });
    const file = Buffer.alloc(5_000, 1).toString("base64");
    const proof = { filename: "a.bin", file, padding: " ".repeat(1 << 20) };
    expect((await send("POST", `/entries/${entry.reply.data}/proofs`, { body: proof })).status).toBe(200);
    const comment = { content: "x", padding: " ".repeat(1 << 20) };
    expect((await send("POST", `/entries/${entry.reply.data}/comments`, { body: comment })).status).toBe(413);
    const chunks = Array.from({ length: 9 }, () => new Uint8Array(1 << 20));
    const body = new ReadableStream({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const request = new Request(`http://resource/entries/${entry.reply.data}/proofs`, {
      ...{ method: "POST", body, duplex: "half" },
      headers: { authorization: `Bearer ${tokenIn(admin)}` },
    } as never);
    expect((await server.app.fetch(request, near, atOnce)).status).toBe(413);
  });

  test("of more than 1 MiB keeps its place until it is carried out", async () => {
    const path = `/entries/${await newEntry("Six")}/proofs`;
    const [began, goesOn] = [promised(), promised()];
    const proofs = {
      ...asking.store.proofs,
      async add(...adding: Parameters<typeof asking.store.proofs.add>) {
        began.keep();
        if (adding[1].name === "a.bin") await goesOn.promise;
        return asking.store.proofs.add(...adding);
      },
    };
    const to = serverOf({ store: { ...asking.store, proofs } });
    const first = send("POST", path, { body: longProof, to });
    await began.promise;
    expect((await send("POST", path, { body: longProof, to })).reply.refusal).toBe("busy");
    const shortProof = { filename: "b.bin", file: longProof.file };
    expect((await send("POST", path, { body: shortProof, to })).status).toBe(200);
    goesOn.keep();
    expect((await first).status).toBe(200);
    expect((await send("POST", path, { body: longProof, to })).status).toBe(200);
    await to.stop();
  });

  test("for a proof keeps its place until the answer is written", async () => {
    const entry = await newEntry("Eight");
    expect((await send("POST", `/entries/${entry}/proofs`, { body: longProof })).status).toBe(200);
    const [[file]] = (await send("GET", `/entries/${entry}`)).reply.data.files;
    const { promise: written, keep } = promised();
    const first = await send("GET", `/proofs/${file}`, { written });
    expect([first.status, first.reply.data]).toEqual([200, longProof.file]);
    expect((await send("GET", `/proofs/${file}`)).status).toBe(429);
    expect((await send("GET", `/entries/${entry}`)).status).toBe(200);
    keep();
    await written;
    expect((await send("GET", `/proofs/${file}`)).status).toBe(200);
  });

  test("is refused if its token is revoked while its body comes", async () => {
    let isRevoked = false;
    const verify: Identities["verify"] = async (token) =>
      isRevoked ? { type: "refused", why: "revoked" } : asking.identities.verify(token);
    const to = serverOf({ identities: { verify, isFresh: () => true } });
    const text = '{"leaderboard_name":"Seven","leaderboard_permission":2,"leaderboard_ascending":false}';
    const body = new ReadableStream(
      {
        pull(controller) {
          isRevoked = true;
          controller.enqueue(Buffer.from(text));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const request = new Request("http://resource/leaderboards", {
      ...{ method: "POST", body, duplex: "half" },
      headers: { authorization: `Bearer ${tokenIn(admin)}` },
    } as never);
    expect((await to.app.fetch(request, near, atOnce)).status).toBe(401);
    await to.stop();
  });

  test("with a body of many parts is refused before it is parsed", async () => {
    const body = `{"leaderboard_name":${"[".repeat(5_000)}`;
    const { status, reply } = await send("POST", "/leaderboards", { body });
    expect([status, reply.refusal]).toEqual([413, "too-long"]);
  });

  test("whose client breaks off ends nothing else", async () => {
    const body = new ReadableStream({ pull: () => Promise.reject(new Error("the client is gone")) });
    const request = new Request("http://resource/leaderboards", {
      ...{ method: "POST", body, duplex: "half" },
      headers: { authorization: `Bearer ${tokenIn(admin)}` },
    } as never);
    expect((await server.app.fetch(request, near, atOnce)).status).toBe(400);
    expect((await send("GET", "/me")).status).toBe(200);
  });

  test("from a banned address is refused", async () => {
    const statusFrom = async (remote: string) => (await send("GET", "/me", { remote })).status;
    await until(async () => (await statusFrom("192.0.2.7:1")) === 403, { what: "the ban is known" });
    expect(await statusFrom("198.51.100.7:1")).toBe(200);
  });

  test("without a token gets the OpenAPI document", async () => {
    const { status, reply } = await send("GET", "/openapi.json", { as: null });
    expect([status, reply.openapi]).toEqual([200, "3.1.0"]);
  });
});
