import { randomBytes as cryptoRandomBytes } from "node:crypto";
import { systemClock } from "@sallyport/link";
import type { TcpListener } from "@sallyport/link/tcp";
import { createLog, type Log, type Metrics, type OpenDoor } from "@sallyport/server-kit";
import type { Checks, Orders } from "./admin-port.ts";
import type { Operators } from "./operator/routes.ts";

/** What every server needs from the outside, for real. */
export interface Shell {
  readonly clock: typeof systemClock;
  readonly wallMs: () => number;
  readonly random: () => number;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly failed: (error: unknown) => void;
  /** Aborted when the process is to end while it starts. */
  readonly stopping?: AbortSignal | undefined;
}

/** `marks` are in every line that it logs. */
export function createShell(
  { name, marks }: { readonly name: string; readonly marks: object },
  level: string,
  metrics: Metrics,
  bug: (error: unknown) => void,
): Shell {
  const log = createLog(name, level).child(marks);
  return {
    clock: systemClock,
    wallMs: Date.now,
    random: Math.random,
    randomBytes: (count) => cryptoRandomBytes(count),
    log,
    metrics,
    failed(error) {
      log.fatal({ err: error }, "a bug: the process ends");
      bug(error);
    },
  };
}

/** For the log, once a server is ready. */
export const describeDoor = (
  { address, webSocket, isSecure }: OpenDoor,
  ragnarok: Pick<TcpListener, "address"> | null,
) => ({
  clients: address,
  ...(ragnarok === null ? {} : { ragnarok: ragnarok.address }),
  ...(webSocket === null ? {} : { webSocket }),
  ...(isSecure ? { tls: true } : {}),
});

/** `to-return`: another process of it is about to take its place. */
export type StopReason = "to-return" | "for-good";

/** Something that was started, and how to stop it. */
export interface Running {
  /** What has to hold for it to serve clients. */
  readonly checks: Checks;
  /** Answers operators; null: it reaches no store that could be told of. */
  readonly operators: Operators | null;
  /** What may be asked of it through the admin port, by whoever knows its key. */
  readonly orders?: Orders;
  /**
   * Before it stops: what others can go on with is passed on, and what cannot be may come to its end. Resolves at its
   * bound, and when it is stopped. Null: there is nothing to wait for.
   */
  drain?(why: StopReason): Promise<void> | null;
  /** Ids of the characters whose last save is still to come. */
  unsaved?(): readonly number[];
  stop(why: StopReason): Promise<void>;
}
