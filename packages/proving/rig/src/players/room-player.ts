import { accepted, refused } from "@sallyport/domain";
import type { ByteStream } from "@sallyport/foreign-clients";
import type { Answer, Player, Target, Visitor } from "./player.ts";

/* A player who is in one room until its connection ends, and whose requests have no answers. */

/** What a client of the protocol says and hears over its connection. */
export interface Talk {
  readonly stream: ByteStream;
  says(text: string): void;
  leaves(): void;
  /** Resolves to the next line of another player, or to null at the end of the connection. */
  hears(): Promise<string | null>;
  /** Absent: clients of the protocol cannot walk. */
  readonly walks?: (to: Target) => void;
}

export function playInRoom(talk: Talk, { ask, answerMs, heard }: Visitor): Player {
  const { stream, walks } = talk;
  stream.patienceMs = Number.POSITIVE_INFINITY;
  const listen = async (): Promise<void> => {
    for (let line = await talk.hears(); line !== null; line = await talk.hears()) heard(line);
  };
  void listen();
  const unlessEnded = async (act: () => void): Promise<Answer> => {
    if (stream.isEnded) return refused("disconnected");
    act();
    return accepted({});
  };
  return {
    ...{ stands: null, map: null, complaints: [] },
    get isIn() {
      return !stream.isEnded;
    },
    ...(walks && { walk: (to) => unlessEnded(() => walks(to)) }),
    say: (text) => unlessEnded(() => talk.says(text)),
    leave() {
      talk.leaves();
      const closed = stream.within(answerMs, () => stream.isEnded);
      return ask(
        "leave",
        closed.then((isClosed) => (isClosed ? accepted({}) : refused("unanswered"))),
      );
    },
    destroy: () => stream.destroy(),
  };
}
