import { charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import {
  type CloseReason,
  type Handlers,
  interServerHeartbeat,
  interServerLimits,
  Link,
} from "@sallyport/link";
import { largestMessage, ManualClock, settled } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import fc from "fast-check";
import type { Decoder } from "./decoder.ts";
import { FakeChannel } from "./fake-channel.ts";
import { anyConversation, requestNames } from "./message-bytes.ts";
import { anyCuts, cut, inPieces } from "./spoil.ts";
import { anyStream } from "./stream.ts";

const names = requestNames(loginToChar);
const conversation = anyConversation({ receives: charToLogin, asked: { of: loginToChar, names } });

/**
 * Tests the login-server's end of a link. Invalid input closes the link and never causes a bug. After it has
 * closed a link, the login-server reads nothing from it.
 */
const link: Decoder = {
  name: "link",
  property: (tally) =>
    fc.asyncProperty(anyStream(conversation), anyCuts, async (stream, cuts) => {
      const channel = new FakeChannel();
      const closed: CloseReason[] = [];
      const bugs: unknown[] = [];
      let handled = 0;
      const handlers = Object.fromEntries(
        Object.keys(charToLogin).map((name) => [
          name,
          () => {
            handled += 1;
            return Promise.resolve({ ok: false, refusal: "unavailable" });
          },
        ]),
      );
      const near = new Link<typeof loginToChar, typeof charToLogin>({
        channel,
        sends: new MessageCodec(loginToChar),
        receives: new MessageCodec(charToLogin),
        handlers: handlers as unknown as Handlers<typeof charToLogin>,
        clock: new ManualClock(),
        limits: { ...interServerLimits, requestsHeldMax: 30, requestsPauseAt: 20 },
        heartbeat: interServerHeartbeat,
        events: { closed: (reason) => closed.push(reason), failed: (error) => bugs.push(error) },
      });
      const asked = names.map((name) =>
        near.ask(largestMessage(loginToChar, name as "account.kick"), 60_000),
      );
      await inPieces(cut(stream, cuts), (piece) => channel.arrive(piece), settled);
      if (bugs.length > 0) throw new Error("a bug was met", { cause: bugs[0] });
      const [reason] = closed;
      if (near.isOpen) tally.taken += 1;
      else tally.refused += 1;
      if (near.isOpen !== (reason === undefined) || near.isOpen !== channel.isOpen)
        throw new Error("half closed");
      if (reason !== undefined && reason.type !== "nonsense") throw new Error(`closed as ${reason.type}`);
      const before = handled;
      if (reason !== undefined) channel.arrive(stream);
      near.close("the run is over");
      await settled();
      if (reason !== undefined && handled > before) throw new Error("went on after nonsense");
      if (closed.length !== 1) throw new Error(`told ${closed.length} times that it is closed`);
      await Promise.all(asked);
    }),
};

export const linkDecoders: readonly Decoder[] = [link];
