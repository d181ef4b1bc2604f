import { copyFileSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@sallyport/clock";
import { TestAuthority, type TestCertificate } from "@sallyport/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SettingsInvalid, silentLog, TlsFiles } from "../src/index.ts";
import { heardLog } from "./heard-log.ts";

let authority: TestAuthority;
let first: TestCertificate;
let second: TestCertificate;
let folder: string;
beforeAll(() => {
  authority = new TestAuthority();
  first = authority.issue("127.0.0.1");
  second = authority.issue("127.0.0.1");
});
afterAll(() => authority.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-tls-"));
  put(first);
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
function put({ cert, key }: { readonly cert?: string; readonly key?: string }): void {
  if (cert !== undefined) writeFileSync(at("cert.pem"), cert);
  if (key !== undefined) writeFileSync(at("key.pem"), key);
}
const names = () => ({
  cert: { variable: "TLS_CERT", path: at("cert.pem") },
  key: { variable: "TLS_KEY", path: at("key.pem") },
});

function problems(of = names()): readonly string[] {
  try {
    new TlsFiles(of);
    return [];
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems;
    throw error;
  }
}

describe("at the start", () => {
  test("files that fit together are accepted", () => {
    expect(new TlsFiles(names()).current).toEqual({ cert: first.cert, key: first.key });
  });

  test("every unreadable file is named with its variable", () => {
    unlinkSync(at("cert.pem"));
    unlinkSync(at("key.pem"));
    expect(problems()).toEqual([
      `TLS_CERT: cannot read ${at("cert.pem")}: ENOENT`,
      `TLS_KEY: cannot read ${at("key.pem")}: ENOENT`,
    ]);
  });

  test("a folder in place of a file is named", () => {
    const of = { ...names(), cert: { variable: "TLS_CERT", path: folder } };
    expect(problems(of)).toEqual([`TLS_CERT: cannot read ${folder}: EISDIR`]);
  });

  test("files with other contents are named, and their contents are not shown", () => {
    put({ cert: "not a certificate", key: "a secret that is no key" });
    expect(problems()).toEqual([
      `TLS_CERT: ${at("cert.pem")} holds no certificate in PEM`,
      `TLS_KEY: ${at("key.pem")} holds no private key in PEM that opens without a passphrase`,
    ]);
  });

  test("a certificate and a key in each other's place are reported", () => {
    put({ cert: first.key, key: first.cert });
    expect(problems()).toHaveLength(2);
  });

  test("a key of another certificate is reported", () => {
    put({ key: second.key });
    expect(problems()).toEqual([
      `TLS_KEY: ${at("key.pem")} is not the key of the certificate in ${at("cert.pem")}`,
    ]);
  });

  test("a file that is no authority is reported", () => {
    writeFileSync(at("ca.pem"), "nobody");
    const ca = { variable: "LINK_TLS_CA", path: at("ca.pem") };
    expect(problems({ ...names(), ca } as never)).toEqual([
      `LINK_TLS_CA: ${at("ca.pem")} holds no certificate in PEM`,
    ]);
  });
});

test("an authority alone is accepted, logged, and renewed", async () => {
  writeFileSync(at("ca.pem"), first.cert);
  const files = new TlsFiles({ ca: { variable: "GATEWAY_SERVERS_CA", path: at("ca.pem") } });
  const { log, lines } = heardLog();
  files.watch({ clock: { ...systemClock, every: () => () => {} }, log, wallMs: Date.now })();
  expect(lines).toMatchObject([{ msg: "certificate", file: at("ca.pem") }]);
  const look = () => files.look({ log, wallMs: Date.now });
  writeFileSync(at("ca.pem"), `${first.cert}${second.cert}`);
  await look();
  await look();
  expect(files.current).toEqual({ ca: `${first.cert}${second.cert}` });
});

describe("while it is in use", () => {
  const open = () => {
    const files = new TlsFiles(names());
    const { log, lines } = heardLog();
    let changes = 0;
    files.changed(() => {
      changes += 1;
    });
    return {
      files,
      lines,
      changes: () => changes,
      look: async (times = 1): Promise<void> => {
        for (let look = 0; look < times; look += 1) await files.look({ log, wallMs: Date.now });
      },
    };
  };

  test("nothing is logged as long as nothing changes", async () => {
    const { look, changes, lines } = open();
    await look(5);
    copyFileSync(at("cert.pem"), at("copy.pem"));
    writeFileSync(at("cert.pem"), first.cert);
    await look(5);
    expect(changes()).toBe(0);
    expect(lines).toEqual([]);
  });

  test("a new pair is used once it is unchanged for one interval, and logged once", async () => {
    const { files, look, changes } = open();
    put(second);
    await look();
    expect(files.current.cert).toBe(first.cert);
    await look();
    expect(files.current).toEqual({ cert: second.cert, key: second.key });
    await look(5);
    expect(changes()).toBe(1);
  });

  test("a certificate that is written before its key waits for it without a log line", async () => {
    const { files, look, changes, lines } = open();
    put({ cert: second.cert });
    await look();
    put({ key: second.key });
    await look(2);
    expect(files.current.key).toBe(second.key);
    expect(changes()).toBe(1);
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
  });

  test.each([
    ["that hold something else", () => put({ cert: "broken" })],
    ["that do not go together", () => put({ key: second.key })],
    ["of which one is gone", () => unlinkSync(at("key.pem"))],
  ])("files %s are logged once, and the previous ones stay in use", async (_, spoil) => {
    const { files, look, changes, lines } = open();
    spoil();
    await look(6);
    expect(files.current).toEqual({ cert: first.cert, key: first.key });
    expect(changes()).toBe(0);
    expect(lines.map(({ msg }) => msg)).toEqual([
      "certificate files cannot be used; the old certificate stays in use",
    ]);
  });

  test("repaired files are used", async () => {
    const { files, look, changes } = open();
    put({ cert: "broken" });
    await look(3);
    put(second);
    await look(2);
    expect(files.current.cert).toBe(second.cert);
    expect(changes()).toBe(1);
  });

  test("files that are restored change nothing", async () => {
    const { look, changes, lines } = open();
    put({ cert: "broken" });
    await look(3);
    put(first);
    await look(3);
    expect(changes()).toBe(0);
    expect(lines).toHaveLength(1);
  });

  test("a link that is turned to other files is followed", async () => {
    const turn = ({ certFile, keyFile }: TestCertificate): void => {
      for (const [name, target] of [
        ["cert.pem", certFile],
        ["key.pem", keyFile],
      ] as const) {
        rmSync(at(name), { force: true });
        symlinkSync(target, at(name));
      }
    };
    turn(first);
    const { files, look } = open();
    turn(second);
    await look(2);
    expect(files.current.cert).toBe(second.cert);
  });

  test("files are checked every two seconds until watching ends", async () => {
    const files = new TlsFiles(names());
    const looks: number[] = [];
    const clock = {
      nowMs: () => 0,
      after: () => () => {},
      every: (periodMs: number) => {
        looks.push(periodMs);
        return () => void looks.pop();
      },
    };
    const stop = files.watch({ clock, log: silentLog(), wallMs: Date.now });
    expect(looks).toEqual([2_000]);
    stop();
    expect(looks).toEqual([]);
  });
});

test("an expired certificate is logged as an error, and used", () => {
  const { log, lines } = heardLog();
  const clock = { nowMs: () => 0, after: () => () => {}, every: () => () => {} };
  const wallMs = (): number => Date.now() + 10 * 86_400_000;
  new TlsFiles(names()).watch({ clock, log, wallMs });
  expect(lines).toMatchObject([{ level: 50, msg: "certificate, which has expired" }]);
});
