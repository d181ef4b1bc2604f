import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@sallyport/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BoardsClient } from "../src/boards-client.ts";
import { withAuthenticationServer } from "../src/client-data.ts";
import { ClientFile } from "../src/client-file.ts";
import { frameOf, HandMadeServer } from "./hand-made-server.ts";

/* Hand-made servers say what real ones never say. `cli` has the tests with real ones. */

let folder: string;
let file: ClientFile;
let authentication: HandMadeServer;
let resource: HandMadeServer;
let client: BoardsClient;
let nowMs: number;
let passwords: string[];
let tokens: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "boards-"));
  file = new ClientFile(join(folder, "boards.json"));
  [authentication, resource] = await Promise.all([HandMadeServer.open(), HandMadeServer.open()]);
  await file.change((data) => withAuthenticationServer(data, { name: "home", ...authentication.address }));
  [nowMs, passwords, tokens] = [1_000_000, [], 0];
  authentication.answer = () => {
    tokens += 1;
    return frameOf({ type: "token", token: tokenOf(tokens), expires: nowMs / 1_000 + 3_600 });
  };
  resource.answer = () => frameOf({ success: true, data: [] });
  client = newClient();
});
afterEach(async () => {
  client.close();
  await Promise.all([authentication.close(), resource.close()]);
  await rm(folder, { recursive: true });
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const tokenOf = (nth: number, name: string | null = "alice"): string =>
  `${part({ alg: "EdDSA" })}.${part({ sub: "7", name })}.${nth}`;

const newClient = (identity = "alice"): BoardsClient =>
  new BoardsClient(
    {
      ...{ file, nowMs: () => nowMs },
      password: async (of) => {
        passwords.push(of);
        return "correct horse";
      },
    },
    { name: "boards", ...resource.address, audience: "resource" },
    identity,
  );

describe("a token", () => {
  test("is asked for with the password, and kept without it", async () => {
    expect(await client.ask(1, {})).toEqual([]);
    expect(authentication.asked).toEqual([
      { type: "token", identity: "alice", password: "correct horse", audience: "resource" },
    ]);
    expect(resource.asked).toEqual([{ type: 1, identity: "alice", token: tokenOf(1) }]);
    expect(passwords).toEqual(["alice at home"]);
    const kept = await readFile(file.path, "utf8");
    expect(kept).toContain(tokenOf(1));
    expect(kept).not.toContain("correct horse");
  });

  test("serves the next program too, and no password is asked for", async () => {
    await client.ask(1, {});
    const next = newClient();
    await next.ask(5, {});
    next.close();
    expect([passwords.length, authentication.asked.length]).toEqual([1, 1]);
  });

  test("that has ended is replaced without asking again, as long as the program runs", async () => {
    await client.ask(1, {});
    nowMs += 3_600_000;
    await client.ask(1, {});
    expect(passwords).toHaveLength(1);
    expect(resource.asked.map(({ token }) => token)).toEqual([tokenOf(1), tokenOf(2)]);
    nowMs += 3_600_000;
    const next = newClient();
    await next.ask(1, {});
    next.close();
    expect(passwords).toHaveLength(2);
  });

  test("that the server refuses is replaced once, with the password asked for again", async () => {
    await client.ask(1, {});
    resource.answer = ({ token }) =>
      token === tokenOf(1)
        ? frameOf({ success: false, data: "Bad request. token: not valid", refusal: "token" })
        : frameOf({ success: true, data: "now" });
    expect(await client.ask(1, {})).toBe("now");
    expect(passwords).toHaveLength(2);
    resource.answer = () => frameOf({ success: false, data: "Bad request. token: no", refusal: "token" });
    await expect(client.ask(1, {})).rejects.toThrow("boards refused: Bad request. token: no");
    expect(resource.asked).toHaveLength(5);
  });

  test("names the account to the resource-server, also if the person typed an e-mail address", async () => {
    const mailed = newClient("alice@example.org");
    await mailed.ask(1, {});
    mailed.close();
    expect(resource.asked).toMatchObject([{ identity: "alice" }]);
    authentication.answer = () => frameOf({ type: "token", token: tokenOf(1, null), expires: 5_000 });
    const nameless = newClient("bob@example.org");
    await nameless.ask(1, {});
    nameless.close();
    expect(resource.asked).toMatchObject([{}, { identity: "#7" }]);
  });

  test.each([
    [
      { type: "refused", reason: "wrong-name-or-password" },
      "home gave no token for alice: wrong name or password",
    ],
    [{ type: "refused", reason: "odd\u001b[2Jreason" }, "home gave no token for alice: odd·[2Jreason"],
    [{ type: "alice", token: "alice" }, "home is no authentication server"],
  ])("that is answered by %j is none", async (answer, message) => {
    authentication.answer = () => frameOf(answer);
    await expect(client.logIn()).rejects.toThrow(message);
    expect(passwords).toHaveLength(1);
    await expect(client.logIn()).rejects.toThrow(message);
    expect(passwords).toHaveLength(2);
  });

  test("is not sent to anybody while there is no authentication server", async () => {
    file = new ClientFile(join(folder, "other.json"));
    client = newClient();
    await expect(client.ask(1, {})).rejects.toThrow("there is no authentication server yet");
    expect([passwords, resource.connections]).toEqual([[], 0]);
  });
});

describe("a resource-server", () => {
  test("is asked over one connection, one request after the other", async () => {
    for (const type of [1, 5, 21]) await client.ask(type, {});
    expect([resource.connections, resource.asked.length]).toEqual([1, 3]);
  });

  test("that closed the connection between two requests is connected again", async () => {
    await client.ask(1, {});
    resource.cut();
    await until(
      async () => {
        const told = await client.ask(5, {}).catch(() => null);
        return told !== null;
      },
      { what: "the client is connected again" },
    );
    expect(resource.connections).toBe(2);
  });

  test("that refuses is quoted, and nothing of it controls the terminal", async () => {
    resource.answer = () => frameOf({ success: false, data: "Access Denied\u001b[2J" });
    await expect(client.ask(3, {})).rejects.toThrow("boards refused: Access Denied·[2J");
  });

  test.each([
    ["no JSON", frameOf("{"), "its answer is not JSON"],
    ["another answer", frameOf({ token: "alice" }), "is no resource-server"],
    ["null", frameOf(null), "is no resource-server"],
    ["the head of an answer that is too long", Buffer.from([0xff, 0xff, 0xff, 0xff]), "is longer than"],
    ["nothing, and closes the connection", null, "it closed the connection"],
  ])("that sends %s ends the request, and the exit code says so", async (_what, bytes, message) => {
    resource.answer = () => bytes;
    const asked = client.ask(1, {});
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toMatchObject({ exitCode: 3 });
  });

  test("may send its answer in any pieces", async () => {
    const answer = frameOf({ success: true, data: "x".repeat(200_000) });
    resource.answer = () => answer.subarray(0, 2);
    const asked = client.ask(1, {});
    await until(() => resource.asked.length === 1, { what: "the request has arrived" });
    resource.say(answer.subarray(2, 5));
    resource.say(answer.subarray(5));
    expect(await asked).toHaveLength(200_000);
  });

  test("that is not there is unreachable", async () => {
    await client.logIn();
    await resource.close();
    await expect(client.ask(1, {})).rejects.toMatchObject({
      message: expect.stringContaining("no answer from 127.0.0.1:"),
      exitCode: 3,
    });
    resource = await HandMadeServer.open();
  });
});
