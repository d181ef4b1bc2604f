import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { lockDataFolder } from "./data-folder-lock.ts";

export interface EmbeddedPostgres {
  /** A URL for `pg`. One connection is fastest. Several connections, including those of psql, take turns. */
  readonly url: string;
  /** Closes all connections and writes all data to the folder. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The data folder. It is created if it is missing. Only one process at a time may use it. */
  readonly folder: string;
  readonly log?: (message: string) => void;
  /** This is called when Postgres ended without a call of `stop`. */
  readonly onLost?: (error: Error) => void;
  /** Postgres is terminated if a statement, or stopping, takes longer than this many milliseconds. */
  readonly unansweredMsMax?: number;
}

/** This path works from both src/ and dist/. */
const workerFile = new URL("../../embedded-worker.mjs", import.meta.url);
/** The major version of Postgres inside PGlite. No other major version can read its data files. */
const postgresMajor = "18";
/** Linux allows 107 bytes. Other systems allow fewer, but at least 100. */
const socketPathBytesMax = 100;

/**
 * A real Postgres that needs no installation: PGlite on a worker thread, with its data in a folder. `pg`
 * connects through a Unix socket that only this user can open. The socket is in the data folder, or in a
 * temporary folder if its path would be too long. On Windows, `pg` connects over TCP.
 *
 * Acknowledged writes survive if the process dies at any moment. They may be lost if the machine crashes:
 * PGlite hands its writes to the operating system but never waits for the disk.
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
    if (address.socket) rmSync(address.socket, { force: true }); // A killed process leaves its socket behind.
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
 * Terminates a worker that is stuck. If Postgres panics, for example because it cannot write its log, PGlite
 * loops forever and the thread no longer answers. The next start repairs the data folder.
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

/**
 * Creates the database in a draft folder, and renames the folder when it is complete. So an incomplete folder
 * is never mistaken for data.
 */
async function prepare(data: string, log: (message: string) => void): Promise<void> {
  if (existsSync(data)) {
    const versionFile = join(data, "PG_VERSION");
    const major = existsSync(versionFile) ? readFileSync(versionFile, "utf8").trim() : "(no PG_VERSION)";
    if (major === postgresMajor) return;
    throw new Error(
      `${data} was created by Postgres ${major}, but this version of Sallyport runs ${postgresMajor}: ` +
        "start the version that created it, or set SALLYPORT_DATA to another folder",
    );
  }
  log("creating the database (takes about 5 seconds)");
  const draft = `${data}.creating`;
  rmSync(draft, { recursive: true, force: true });
  // Creating a database takes 500 MB of memory, which are freed only when the thread ends. So a separate
  // thread creates the database.
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
  const nameOfSocket = ".s.PGSQL.5432"; // libpq and `pg` look for a socket with this name.
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

/** Rejects if the worker fails, or exits with a code other than 0. */
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
