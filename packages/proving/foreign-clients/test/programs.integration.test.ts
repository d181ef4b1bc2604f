import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { freePorts, type TestDatabase, testDatabase, until } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newKeys, plainFrame } from "../src/index.ts";
import { WholeServer } from "./whole-server.ts";

/* The clients as people start them, with what they type or pipe in. */

const password = "a right password";
const programs = ["chat", "slime", "a-series", "token"] as const;
type Program = (typeof programs)[number];

const mainOf = (program: Program): string =>
  fileURLToPath(new URL(`../dist/${program}/main.js`, import.meta.url));

/** A client as its own process, whose input stays open until `ends`. */
class Running {
  /** What it says on stdout and stderr. */
  output = "";
  stdout = "";
  exitCode: number | null = null;
  readonly #child: ChildProcess;

  constructor(program: Program, args: readonly string[]) {
    this.#child = spawn(process.execPath, [mainOf(program), ...args], { stdio: "pipe" });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    // It may end before it has read everything.
    this.#child.stdin?.on("error", () => {});
    this.#child.on("close", (code) => {
      this.exitCode = code ?? -1;
    });
  }

  types(...lines: readonly string[]): void {
    for (const line of lines) this.#child.stdin?.write(`${line}\n`);
  }

  ends(): void {
    this.#child.stdin?.end();
  }

  async says(text: string): Promise<void> {
    await until(() => this.output.includes(text), { what: `${text} in:\n${this.output}` });
  }

  /** Resolves when the process has ended by itself. */
  async ended(): Promise<{
    readonly code: number | null;
    readonly output: string;
    readonly stdout: string;
  }> {
    await until(() => this.exitCode !== null, { what: `its end; it said:\n${this.output}` });
    return { code: this.exitCode, output: this.output, stdout: this.stdout };
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

let server: WholeServer;
let database: TestDatabase;
let ports: { readonly [P in Program]: number };
const running: Running[] = [];
beforeAll(async () => {
  const [token = 0] = await freePorts(1);
  database = await testDatabase();
  const settings = { TOKEN_PORT: String(token), LIMITS_EXEMPT: "127.0.0.1/32" };
  server = await WholeServer.start({ ...settings, DATABASE_URL: database.url });
  const { chat = 0, slime = 0, aSeries = 0 } = server.ports;
  ports = { chat, slime, "a-series": aSeries, token };
});
afterEach(() => {
  for (const each of running.splice(0)) each.kill();
  return server.leaveAll();
});
afterAll(async () => {
  await server?.stop();
  await database.drop();
});

function starts(program: Program, port: number, ...options: readonly string[]): Running {
  const started = new Running(program, ["--port", String(port), ...options]);
  running.push(started);
  return started;
}

/** Runs a client on an input that is complete before it asks. */
async function piped(program: Program, port: number, lines: readonly string[], ...options: string[]) {
  const started = starts(program, port, ...options);
  started.types(...lines);
  started.ends();
  return started.ended();
}

const stackTrace = /^ +at |Error:|Node\.js v/m;

describe.each(programs)("%s", (program) => {
  test.each([
    ["without any input", []],
    ["with an input that ends after the name", ["nobody"]],
  ])("%s says at what question the input ended", async (_, lines) => {
    const { code, output } = await piped(program, ports[program], lines);
    expect(output).toMatch(
      lines.length === 0 ? /ended before an answer to "(Userna|Na|E-)m/ : /an answer to "Password/,
    );
    expect(output).not.toMatch(stackTrace);
    expect(code).toBe(2);
  });

  test("at a closed port names the address, and how to start a server", async () => {
    const [port = 0] = await freePorts(1);
    const { code, output } = await piped(program, port, ["somebody", password]);
    expect(output).toContain(`Nothing listens on 127.0.0.1:${port}. Does the server run? \`npm start`);
    expect(output).not.toMatch(stackTrace);
    expect(code).toBe(1);
  });

  test("at a server that hangs up names the address, even if the input stays open", async () => {
    const rude = createServer((socket) => void socket.once("data", () => socket.destroy()));
    await once(rude.listen(0, "127.0.0.1"), "listening");
    const { port } = rude.address() as AddressInfo;
    const client = starts(program, port);
    client.types("somebody", password);
    const { code, output } = await client.ended();
    rude.close();
    expect(output).toContain(
      `127.0.0.1:${port} closed the connection. Does the server run? Or is it the port`,
    );
    expect(output).not.toMatch(stackTrace);
    expect(code).toBe(1);
  });
});

describe("with everything piped in", () => {
  test("chat says its lines and leaves; a line that fits no frame is named", async () => {
    const other = await server.chat();
    await other.joins("listener", password);
    const { code, output } = await piped("chat", ports.chat, ["piper", password, "hi", "x".repeat(190)]);
    expect(await other.hears("piper: [ DISCONNECTED ]")).toEqual(["piper: [ CONNECTED ]", "piper: hi\n"]);
    expect(output).toContain("Welcome piper");
    expect(output).toContain("Not said, because it is too long: at most 189 bytes.");
    expect(code).toBe(0);
  });

  test("slime registers, plays and leaves", async () => {
    const lines = ["pipeslime", password, "hi", "/quit"];
    const { code, output } = await piped("slime", ports.slime, lines, "--register");
    expect(output).toMatch(/Registered\.\n(.*\n)+You are pipeslime/);
    expect(output).toMatch(/The connection has ended\.\n$/);
    expect(code).toBe(0);
  });

  test("slime says how to give an order whose numbers are missing, and gives none", async () => {
    const lines = ["orderly", password, "/at", "/at 5", "/room", "/emote x", "/quit"];
    const { output } = await piped("slime", ports.slime, lines, "--register");
    // The first one is the greeting.
    expect(output.match(/^Type to talk\. /gm)).toHaveLength(5);
    expect(output).not.toContain("You are in room");
  });

  test("slime says what is too long or too great, and sends none of it", async () => {
    const mistakes = ["x".repeat(101), "/emote 256", "/room 1001", "/at 1 65536"];
    const { output, code } = await piped(
      ...(["slime", ports.slime, ["greatly", password, ...mistakes, "/quit"], "--register"] as const),
    );
    const [chat, ...orders] = [
      "Not said, because it is too long: at most 100 characters.",
      ...["/emote takes numbers up to 255.", "/room takes numbers up to 1000."],
      "/at takes numbers up to 65535.",
    ];
    expect(output).toContain([chat, ...orders].join("\n"));
    expect(code).toBe(0);
  });

  test("a-series registers and shows an authentication id", async () => {
    const lines = ["piper@example.org", password];
    const { code, output } = await piped("a-series", ports["a-series"], lines, "--register");
    expect(output).toMatch(/137 REGISTER_SUCCESS\n200 LOGIN_USER, authentication id [0-9a-f]{32}\n$/);
    expect(code).toBe(0);
  });

  test.each([
    ["chat", "FAILURE\n", "The password is wrong, or too short for a new account"],
    ["slime", "The given", "Not registered: the name is taken or not allowed"],
    ["a-series", "128 REGISTER_FAIL\n", "The address is taken or none"],
  ] as const)("%s says what may be the cause of a refusal", async (program, refusal, cause) => {
    const options = program === "chat" ? [] : ["--register"];
    const { stdout, output } = await piped(program, ports[program], ["no name!", "short"], ...options);
    expect(stdout).toContain(refusal);
    expect(output).toContain(cause);
  });

  test("token shows a token, and a refusal of one", async () => {
    await (await server.chat()).joins("tokener", password);
    const right = await piped("token", ports.token, ["tokener", password]);
    // Nothing but JSON, for programs that read it.
    expect(JSON.parse(right.stdout)).toMatchObject({ type: "token" });
    expect(right.code).toBe(0);
    const wrong = await piped("token", ports.token, ["tokener", "another password"]);
    expect(JSON.parse(wrong.stdout)).toEqual({ type: "refused", reason: "wrong-name-or-password" });
    expect(wrong.code).toBe(1);
  });
});

describe("in the middle", () => {
  test("chat that is put out of the room says that the server closed the connection", async () => {
    const client = starts("chat", ports.chat);
    client.types("moved", password);
    await client.says("Welcome moved");
    await (await server.chat()).joins("moved", password);
    const { code, output } = await client.ended();
    expect(output).toContain("Somebody logged in with this account elsewhere.");
    expect(output).toContain(`127.0.0.1:${ports.chat} closed the connection.`);
    expect(code).toBe(1);
  });

  test("chat that types the word for leaving ends well, with the input still open", async () => {
    const client = starts("chat", ports.chat);
    client.types("leaver", password, "disconnect");
    expect(await client.ended()).toMatchObject({ code: 0 });
  });

  test("slime that is put out says that the server closed the connection", async () => {
    const client = starts("slime", ports.slime, "--register");
    client.types("movedslime", password);
    await client.says("You are movedslime");
    await (await server.slime()).logsIn("movedslime", password);
    const { code, output } = await client.ended();
    expect(output).toContain(`127.0.0.1:${ports.slime} closed the connection.`);
    expect(code).toBe(1);
  });
});

describe("at a terminal", () => {
  /** `script` gives the program a terminal, and shows what the terminal shows. */
  function atTerminal(program: Program) {
    const command = `${process.execPath} ${mainOf(program)} --port ${ports[program]}`;
    const child = spawn("script", ["-qec", command, "/dev/null"]);
    let shown = "";
    child.stdout.on("data", (chunk: Buffer) => {
      shown += chunk.toString();
    });
    const ended = once(child, "close").then(([code]) => code as number | null);
    const says = (text: string): Promise<unknown> =>
      until(() => shown.includes(text), { what: `${text} in:\n${shown}` });
    return { types: (keys: string) => child.stdin.write(keys), says, ended, shown: () => shown };
  }

  test.each(programs)("%s shows no password while it is typed", async (program) => {
    const terminal = atTerminal(program);
    await terminal.says(program === "chat" ? "Username: " : program === "a-series" ? "E-mail: " : "Name: ");
    terminal.types("nobody\r");
    await terminal.says("Password: ");
    terminal.types("xyzzy\r");
    // All of them refuse this name, and chat asks again.
    await terminal.says(
      { chat: "FAILURE", slime: "The given", "a-series": "401", token: "refused" }[program],
    );
    if (program === "chat") terminal.types("\u0003");
    await terminal.ended;
    expect(terminal.shown()).toContain("nobody");
    expect(terminal.shown()).not.toContain("xyzzy");
  });

  test.each(programs)("%s ends at Ctrl-C in plain words, and asks no server", async (program) => {
    const terminal = atTerminal(program);
    await terminal.says(": ");
    terminal.types("\u0003");
    expect(await terminal.ended).toBe(2);
    expect(terminal.shown()).toContain("The input ended before an answer to");
    expect(terminal.shown()).not.toMatch(stackTrace);
  });
});

test("chat connects only when name and password are typed, because a front does not wait for them", async () => {
  let connections = 0;
  const front = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await once(front.listen(0, "127.0.0.1"), "listening");
  const client = starts("chat", (front.address() as AddressInfo).port);
  client.types("somebody");
  await client.says("Password: ");
  expect(connections).toBe(0);
  client.types(password);
  await client.ended();
  expect(connections).toBe(1);
  front.close();
});

test("chat that is let into no room says so, and does not end as if its lines were said", async () => {
  const pem = newKeys().publicKey.export({ type: "spki", format: "pem" }).toString();
  const front = createServer((socket) => {
    socket.write(Buffer.concat(["OK", "Welcome", pem].map(plainFrame)));
    socket.on("data", (bytes) => {
      if (bytes.includes("-----END PUBLIC KEY-----")) socket.end();
    });
    socket.on("error", () => {});
  });
  await once(front.listen(0, "127.0.0.1"), "listening");
  const { port } = front.address() as AddressInfo;
  const { code, output } = await piped("chat", port, ["somebody", password, "hello"]);
  front.close();
  expect(output).toContain(`127.0.0.1:${port} closed the connection.`);
  expect(code).toBe(1);
});

test("a client at the port of another protocol says so", async () => {
  const { code, output } = await piped("chat", server.ports["line"] ?? 0, ["somebody", password]);
  expect(output).toMatch(/speaks another protocol: .*\. Is it the right port\?/);
  expect(output).not.toMatch(stackTrace);
  expect(code).toBe(1);
});

test("a file of an authority that is not there is named", async () => {
  const { code, output } = await piped("token", ports.token, [], "--ca", "/nowhere.pem");
  expect(output).toMatch(/^--ca: ENOENT.*nowhere\.pem/m);
  expect(output).not.toMatch(stackTrace);
  expect(code).toBe(2);
});
