import { expect } from "vitest";
import { ManualClock } from "../../proving/testkit/src/manual-clock.ts";
import { until } from "../../proving/testkit/src/until.ts";
import {
  type ByteChannel,
  type CloseReason,
  type Handlers,
  Link,
  type LinkEvents,
  type LinkLimits,
  type LinkOptions,
} from "../src/index.ts";
import { type Answering, type Asking, answering, asking } from "./tables.ts";

export const limits: LinkLimits = {
  receiveBytesMax: 1 << 21,
  sendBytesMax: 1 << 21,
  requestsHeldMax: 100,
  requestsPauseAt: 50,
  outputBytesMax: 1 << 20,
};
const heartbeat = { pingMs: 1_000, suspectMs: 3_000, downMs: 8_000 };

/** Records the events of one end of a link. */
class Told {
  readonly closed: CloseReason[] = [];
  readonly failed: unknown[] = [];
  readonly standing: string[] = [];
  readonly events = {
    closed: (reason: CloseReason) => void this.closed.push(reason),
    failed: (error: unknown) => void this.failed.push(error),
    suspect: () => void this.standing.push("suspect"),
    alive: () => void this.standing.push("alive"),
  };

  /** Waits until the link is closed, and returns the reason. Checks that no second reason follows. */
  async reason(): Promise<CloseReason> {
    const reason = await until(() => this.closed[0], { what: "the link closes" });
    expect(this.closed).toHaveLength(1);
    return reason;
  }
}

type Changes = Partial<Pick<LinkOptions<Asking, Answering>, "limits" | "clock">> &
  Pick<LinkEvents, "dropped">;

const openEverything: Handlers<Asking> = {
  "gate.open": async ({ gate }) => ({ ok: true, value: { opened: gate } }),
  "gate.paint": async () => ({ ok: true, value: {} }),
  "gate.seen": () => {},
};
const comeAlways: Handlers<Answering> = {
  "keeper.call": async ({ name }) => ({ ok: true, value: { came: name } }),
  "keeper.told": () => {},
};

/** Returns the end that asks for gates to be opened. */
export function askingEnd(
  channel: ByteChannel,
  handlers: Partial<Handlers<Answering>> = {},
  { dropped, ...changes }: Changes = {},
) {
  const told = new Told();
  const clock = new ManualClock();
  const link = new Link<Asking, Answering>({
    ...{ channel, clock, limits, heartbeat, sends: asking, receives: answering },
    handlers: { ...comeAlways, ...handlers },
    events: { ...told.events, ...(dropped && { dropped }) },
    ...changes,
  });
  return { link, told, clock };
}

/** Returns the end that opens gates. */
export function answeringEnd(
  channel: ByteChannel,
  handlers: Partial<Handlers<Asking>> = {},
  { dropped, ...changes }: Changes = {},
) {
  const told = new Told();
  const clock = new ManualClock();
  const link = new Link<Answering, Asking>({
    ...{ channel, clock, limits, heartbeat, sends: answering, receives: asking },
    handlers: { ...openEverything, ...handlers },
    events: { ...told.events, ...(dropped && { dropped }) },
    ...changes,
  });
  return { link, told, clock };
}

/** Resolves when all work of this turn of the event loop is done. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
