import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { lockDataFolder } from "./data-folder-lock.ts";

export interface EmbeddedPostgres {
  /** Accepted by `pg`. One connection serves best; more, psql among them, take turns. */
  readonly url: string;
  /** Cuts the connections and writes everything to the folder. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Where the data is kept; created when missing, used by one process at a time. */
  readonly folder: string;
  readonly log?: (message: string) => void;
  /** Postgres ended although nobody stopped it. */
  readonly onLost?: (error: Error) => void;
  /** How long a single statement may take, and stopping. Beyond, Postgres is taken for stuck and ended. */
  readonly unansweredMsMax?: number;
}

/** The same from src/ and from dist/. */
const workerFile = new URL("../../embedded-worker.mjs", import.meta.url);
/** Of the Postgres inside PGlite; the files of one major version cannot be read by another. */
const postgresMajor = "18";
/** Linux allows 107; this leaves room everywhere. */
const socketPathBytesMax = 100;

/**
 * A real Postgres without installing one: PGlite on a worker thread, its data in a folder, reached by `pg` through a
 * unix socket (in the data folder when its path is short enough) that only this user can open.
 *
 * What was acknowledged survives the death of the process, at any moment. It does not survive the death of the
 * machine: PGlite hands its writes to the operating system but never waits for the disk.
 */
export async function startEmbeddedPostgres({
  folder,
  log = () => {},
  onLost = () => {},
  unansweredMsMax = 30_000,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = resolve(folder);
  const address = addressFor(home);
  const lock = await lockDataFolder(home, address.socket);
  const release = (): void => {
    lock.release();
    address.remove();
  };
  try {
    const data = join(home, "postgres");
    await prepare(data, log);
    if (address.socket) rmSync(address.socket, { force: true }); // left behind by a process that was killed
    const worker = startWorker({ task: "serve", folder: data, listen: address.listen });
    const bound = await firstMessage<{ address: AddressInfo | string }>(worker);

    let stopping = false;
    const watch = watchOver(worker, unansweredMsMax);
    const ended = exitOf(worker).finally(() => {
      watch.stop();
      release();
    });
    ended.catch((error: Error) => {
      if (!stopping) onLost(error);
    });
    return {
      url: address.urlOf(bound.address),
      stop: async () => {
        if (!stopping) worker.postMessage("stop");
        stopping = true;
        await ended;
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Ends a worker that is stuck. PGlite turns for ever when Postgres panics (its log cannot be written, say), and then
 * the thread hears nothing; opening the folder again repairs it.
 */
function watchOver(worker: Worker, unansweredMsMax: number): { stop(): void } {
  let askedAt: number | undefined;
  const timer = setInterval(() => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      worker.postMessage("ping");
    } else if (performance.now() - askedAt > unansweredMsMax) {
      void worker.terminate();
    }
  }, unansweredMsMax / 10).unref();
  worker.on("message", () => {
    askedAt = undefined;
  });
  return { stop: () => clearInterval(timer) };
}

/** A folder is made under another name and moved when it is whole: a half-made one is never taken for data. */
async function prepare(data: string, log: (message: string) => void): Promise<void> {
  if (existsSync(data)) {
    const versionFile = join(data, "PG_VERSION");
    const major = existsSync(versionFile) ? readFileSync(versionFile, "utf8").trim() : "(no PG_VERSION)";
    if (major === postgresMajor) return;
    throw new Error(
      `${data} was made by Postgres ${major}, and this version of Sallyport runs ${postgresMajor}: ` +
        "start the version that made it, or set SALLYPORT_DATA to another folder",
    );
  }
  log("creating the database, takes about 5 seconds");
  const draft = `${data}.creating`;
  rmSync(draft, { recursive: true, force: true });
  // On a thread of its own, because making a database takes 500 MB that are only given back when it ends.
  await exitOf(startWorker({ task: "create", folder: draft, listen: "" }));
  renameSync(draft, data);
}

interface Address {
  readonly socket: string | null;
  readonly listen: string | { readonly port: number; readonly host: string };
  urlOf(bound: AddressInfo | string): string;
  remove(): void;
}

function addressFor(home: string): Address {
  if (process.platform === "win32") {
    return {
      socket: null,
      listen: { port: 0, host: "127.0.0.1" },
      urlOf: (bound) => `postgres://postgres@127.0.0.1:${(bound as AddressInfo).port}/postgres`,
      remove: () => {},
    };
  }
  const nameOfSocket = ".s.PGSQL.5432"; // what libpq and pg look for in a folder
  const fits = Buffer.byteLength(join(home, nameOfSocket)) <= socketPathBytesMax;
  const folder = fits ? home : mkdtempSync(join(tmpdir(), "sallyport-"));
  const socket = join(folder, nameOfSocket);
  return {
    socket,
    listen: socket,
    urlOf: () => `postgres://postgres@/postgres?host=${encodeURIComponent(folder)}`,
    remove: () => rmSync(fits ? socket : folder, { recursive: true, force: true }),
  };
}

function startWorker(workerData: {
  task: "create" | "serve";
  folder: string;
  listen: Address["listen"];
}): Worker {
  return new Worker(workerFile, { workerData, execArgv: [] });
}

/** Rejects when the worker ends by an error, or with a code. */
function exitOf(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`the embedded Postgres ended with ${code}`)),
    );
  });
}

function firstMessage<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the embedded Postgres ended with ${code}`)));
  });
}
