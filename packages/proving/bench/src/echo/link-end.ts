import { systemClock } from "@sallyport/clock";
import { type ByteChannel, interServerHeartbeat, interServerLimits, Link } from "@sallyport/link";
import { type Answering, type Asking, answering, asking } from "./message.ts";

const shared = {
  clock: systemClock,
  limits: interServerLimits,
  heartbeat: interServerHeartbeat,
  events: { closed() {} },
};

/**
 * Opens the end that sends requests. `echoingEnd` opens the end that answers them. Both ends use the link
 * code of the servers.
 */
export const askingEnd = (channel: ByteChannel): Link<Asking, Answering> =>
  new Link<Asking, Answering>({ ...shared, channel, sends: asking, receives: answering, handlers: {} });

export const echoingEnd = (channel: ByteChannel): Link<Answering, Asking> =>
  new Link<Answering, Asking>({
    ...{ ...shared, channel, sends: answering, receives: asking },
    handlers: { "echo.say": async ({ type: _, ...fields }) => ({ ok: true, value: fields }) },
  });
