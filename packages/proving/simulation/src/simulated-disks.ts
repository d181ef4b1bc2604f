import type { Random } from "@sallyport/random";
import type { CookieJar } from "@sallyport/server-kit";
import type { EventLoop } from "./event-loop.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

export type DiskFault = "unreadable" | "unwritable" | "both";

const latencyMs = [0.1, 20] as const;

/**
 * The cookie files of servers. Reads and writes take time and may fail. After a failure, the file keeps its
 * old content and the server continues without the file, as with the real `cookieFile`. If `areKept` is
 * false, a process's file is deleted when the process ends.
 */
export class SimulatedDisks {
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #areKept: boolean;
  readonly #cookies = new Map<string, Uint8Array>();
  readonly #faults = new Map<string, DiskFault>();

  constructor(loop: EventLoop, random: Random, areKept: boolean) {
    this.#loop = loop;
    this.#random = random;
    this.#areKept = areKept;
  }

  /** Makes the disk of a server fail. If `fault` is null, the disk works again. */
  fail(server: string, fault: DiskFault | null): void {
    if (fault === null) this.#faults.delete(server);
    else this.#faults.set(server, fault);
  }

  heal(): void {
    this.#faults.clear();
  }

  jarOf(process: SimulatedProcess): CookieJar {
    const { name, life } = process;
    const random = this.#random.fork(life);
    const cookies = this.#areKept ? this.#cookies : new Map<string, Uint8Array>();
    const refuses = (what: DiskFault): boolean => {
      const fault = this.#faults.get(name);
      return fault === what || fault === "both";
    };
    const take = <T>(what: string, run: () => T): Promise<T> =>
      new Promise((resolve) => {
        process.boundary(`disk: ${what}`);
        this.#loop.after(random.between(...latencyMs), () =>
          process.deliver(() => {
            const value = run();
            process.boundary(`disk: ${what}, done`);
            process.deliver(() => resolve(value));
          }),
        );
      });
    return {
      load: () => take("load", () => (refuses("unreadable") ? null : (cookies.get(name) ?? null))),
      store: (cookie) =>
        take("store", () => {
          if (refuses("unwritable")) return;
          if (cookie === null) cookies.delete(name);
          else cookies.set(name, cookie);
        }),
    };
  }
}
