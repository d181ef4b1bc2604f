import type { Dialect } from "@sallyport/dialects";
import { type DoorVocabulary, refused } from "@sallyport/domain";
import { ClientDoor, clientBounds } from "@sallyport/server-kit";
import { settled, testHost } from "@sallyport/testkit";
import fc from "fast-check";
import type { Decoder } from "./decoder.ts";
import { FakeChannel } from "./fake-channel.ts";
import { anyCuts, cut, inPieces } from "./spoil.ts";
import { anyStream, streamDecoder } from "./stream.ts";

export interface ListedDialect {
  readonly name: string;
  readonly dialect: Dialect<DoorVocabulary>;
  /** Valid messages of a client. Broken messages are made from them. */
  readonly conversation: fc.Arbitrary<Uint8Array[]>;
}

export const dialectDecoder = ({ name, dialect, conversation }: ListedDialect): Decoder =>
  streamDecoder({
    name: `dialect ${name}`,
    bytes: anyStream(conversation),
    open: () => {
      const stream = dialect.open(0);
      return { receive: (chunk) => stream.receive(chunk, 0), said: () => stream.takeOutput() };
    },
  });

/**
 * Runs a door in its server. After the server disconnects a client, it reads nothing more from that client
 * and keeps nothing about the client.
 */
export const clientDoorDecoder = ({ name, dialect, conversation }: ListedDialect): Decoder => ({
  name: `door ${name}`,
  property: (tally) =>
    fc.asyncProperty(anyStream(conversation), anyCuts, async (stream, cuts) => {
      const channel = new FakeChannel();
      let handed = 0;
      let gone = 0;
      const bugs: unknown[] = [];
      const handlers = new Proxy(
        {},
        {
          get: () => async () => {
            handed += 1;
            if (!channel.isOpen) throw new Error("handed on a command of a client that was thrown out");
            return refused("unavailable");
          },
        },
      );
      const door = new ClientDoor<DoorVocabulary>(testHost({ failed: (error) => void bugs.push(error) }), {
        door: "login",
        bounds: clientBounds({ clientsMax: 1 }),
        welcome: () => ({ handlers: handlers as never, gone: () => void (gone += 1) }),
      });
      door.accept(channel, dialect);
      await inPieces(cut(stream, cuts), (piece) => channel.arrive(piece), settled);
      const isThrownOut = !channel.isOpen;
      if (isThrownOut !== (door.clientCount === 0)) throw new Error("counts somebody who is not there");
      if (isThrownOut) tally.refused += 1;
      else tally.taken += 1;
      const before = handed;
      if (isThrownOut) channel.arrive(stream);
      channel.hangUp();
      await settled();
      door.stop("the run is over");
      if (isThrownOut && handed > before) throw new Error("went on after nonsense");
      if (gone !== 1 || door.clientCount !== 0) throw new Error(`told ${gone} times that it is gone`);
      if (bugs.length > 0) throw new Error("a bug was met", { cause: bugs[0] });
    }),
});
