import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import tls from "node:tls";
import type { Host } from "../running/host.ts";
import { SettingsInvalid } from "./settings.ts";

/** A file, and the variable that holds its path. Reports of problems contain both. */
export interface NamedFile {
  readonly variable: string;
  readonly path: string;
}

export type TlsPart = "cert" | "key" | "ca";

/** `wallMs` is needed to find out whether a certificate has expired. */
type TlsHost = Pick<Host, "wallMs" | "log">;
export type TlsWatch = Pick<Host, "clock" | "wallMs" | "log">;

type Names = { readonly [P in TlsPart]?: NamedFile };
type Texts = { readonly [P in TlsPart]?: string };

const lookMs = 2_000;

const noCertificate = "no certificate in PEM";
const parts = {
  cert: { lacks: noCertificate, read: (text: string) => new X509Certificate(text) },
  key: {
    lacks: "no private key in PEM that opens without a passphrase",
    read: (text: string) => createPrivateKey(text),
  },
  ca: { lacks: noCertificate, read: (text: string) => new X509Certificate(text) },
};

/**
 * Certificates in files that other programs renew. The files are read every two seconds. New contents are
 * used under two conditions. 1: they fit together. 2: two reads in a row found the same contents. A
 * certificate and its key are two files, and no program can replace both at once. The contents are compared,
 * and not the modification times. So symbolic links, copies and coarse clocks do no harm.
 */
export class TlsFiles<Part extends TlsPart> {
  readonly #names: Names;
  readonly #listeners = new Set<() => void>();
  #current: Texts;
  /** The result of the last read. If a file could not be read, the result is the reason as a text. */
  #found: Texts | string;
  /**
   * False if the last read found new contents. It is true again after a second read has found the same
   * contents.
   */
  #isSettled = true;
  #isLooking = false;

  /** Reads the files. Throws `SettingsInvalid`, which contains the names of the variables. */
  constructor(names: { readonly [P in Part]: NamedFile }) {
    this.#names = names;
    this.#current = readAll(names);
    this.#found = this.#current;
    const problems = problemsOf(this.#current, names);
    if (problems.length > 0) throw new SettingsInvalid(problems);
  }

  get current(): { readonly [P in Part]: string } {
    // The cast is safe because the contents have the same parts as the names.
    return this.#current as { readonly [P in Part]: string };
  }

  changed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads the files periodically until the returned function is called. */
  watch(by: TlsWatch): () => void {
    this.#tell(by, "certificate");
    return by.clock.every(lookMs, () => void this.look(by));
  }

  /** Reads the files once. Never rejects. */
  async look(by: TlsHost): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const found = await this.#read();
    this.#isLooking = false;
    if (!isSame(found, this.#found)) {
      this.#found = found;
      this.#isSettled = false;
    } else if (!this.#isSettled) {
      this.#isSettled = true;
      if (!isSame(found, this.#current)) this.#take(found, by);
    }
  }

  #take(found: Texts | string, by: TlsHost): void {
    const problems = typeof found === "string" ? [found] : problemsOf(found, this.#names);
    if (typeof found === "string" || problems.length > 0) {
      by.log.error({ problems }, "certificate files cannot be used; the old certificate stays in use");
      return;
    }
    this.#current = found;
    this.#tell(by, "certificate renewed");
    for (const listener of this.#listeners) listener();
  }

  async #read(): Promise<Texts | string> {
    try {
      const texts = await Promise.all(
        entriesOf(this.#names).map(async ([part, { path }]) => [part, await readFile(path, "utf8")] as const),
      );
      return Object.fromEntries(texts);
    } catch (error) {
      return (error as Error).message;
    }
  }

  #tell({ log, wallMs }: TlsHost, what: string): void {
    const { cert = "", ca = cert } = this.#current;
    const { validTo, subject } = new X509Certificate(cert === "" ? ca : cert);
    const file = (this.#names.cert ?? this.#names.ca)?.path;
    const hasExpired = Date.parse(validTo) < wallMs();
    log[hasExpired ? "error" : "info"](
      { file, subject, validTo },
      hasExpired ? `${what}, which has expired` : what,
    );
  }
}

const entriesOf = (names: Names) => Object.entries(names) as [TlsPart, NamedFile][];

function readAll(names: Names): Texts {
  const problems: string[] = [];
  const texts = entriesOf(names).map(([part, { variable, path }]) => {
    try {
      return [part, readFileSync(path, "utf8")] as const;
    } catch (error) {
      problems.push(`${variable}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
      return [part, ""] as const;
    }
  });
  if (problems.length > 0) throw new SettingsInvalid(problems);
  return Object.fromEntries(texts);
}

function problemsOf(texts: Texts, names: Names): string[] {
  const problems = entriesOf(names)
    .filter(([part]) => attempt(() => parts[part].read(texts[part] ?? "")) === undefined)
    .map(([part, { variable, path }]) => `${variable}: ${path} holds ${parts[part].lacks}`);
  if (problems.length > 0) return problems;
  const { cert, key } = names;
  if (cert !== undefined && key !== undefined) {
    const isPair = parts.cert.read(texts.cert ?? "").checkPrivateKey(parts.key.read(texts.key ?? ""));
    if (!isPair) return [`${key.variable}: ${key.path} is not the key of the certificate in ${cert.path}`];
  }
  try {
    tls.createSecureContext(texts);
    return [];
  } catch (error) {
    const of = entriesOf(names).map(([, { variable, path }]) => `${variable}: ${path}`);
    return [`${of[0]} cannot be used: ${(error as Error).message}`];
  }
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function isSame(a: Texts | string, b: Texts | string): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.cert === b.cert && a.key === b.key && a.ca === b.ca;
}
