import type { EventOf, Kick, MapDoor } from "@sallyport/domain";
import { shownLine } from "./chat.ts";
import { type CodePage, clientTextBytes } from "./code-page.ts";
import { nameBytes } from "./field.ts";
import { kickedLines } from "./gamemaster.ts";
import type { toMapClient } from "./map-answers.ts";
import type { RagnarokOptions } from "./options.ts";
import { ownNumbers, ownStatus } from "./own-numbers.ts";
import type { PacketWriter } from "./packet-codec.ts";
import { idOf, itemOf, unitOf } from "./units.ts";
import { directionOf, legOf } from "./walk.ts";

type Writer = PacketWriter<typeof toMapClient>;
/** All of what clients see of actors, but not what a game shows of them. */
export type Sight = Exclude<
  Extract<EventOf<MapDoor>, { type: `actor.${string}` }>,
  { type: "actor.changed" }
>;

const outOfSight = 0;

export const tickAt = (nowMs: number): number => Math.floor(nowMs) % 2 ** 32;

/** These packets show a client the actions of another actor. */
const encoders: {
  readonly [N in Sight["type"]]: (
    sight: Extract<Sight, { type: N }>,
    writer: Writer,
    codePage: CodePage,
    nowMs: number,
  ) => readonly Uint8Array[];
} = {
  "actor.appeared": (actor, writer, _, nowMs) => {
    const { x, y, cameFrom } = actor;
    if (actor.kind === "item")
      return writer.write("ZC_ITEM_ENTRY", { id: idOf(actor), item: itemOf(actor), x, y });
    const unit = unitOf(actor);
    const leg = legOf(actor);
    if (leg !== null) return writer.write("ZC_NOTIFY_MOVEENTRY", { ...unit, leg, tick: tickAt(nowMs) });
    const dir = directionOf(cameFrom, { x, y });
    return writer.write("ZC_NOTIFY_STANDENTRY", { ...unit, at: { x, y, dir } });
  },
  "actor.walks": (walks, writer, _, nowMs) => {
    const { x, y } = walks;
    const id = idOf(walks);
    const leg = legOf(walks);
    if (leg === null) return writer.write("ZC_STOPMOVE", { id, x, y });
    return writer.write("ZC_NOTIFY_MOVE", { id, leg, tick: tickAt(nowMs) });
  },
  "actor.moved": (moved, writer, _, nowMs) => {
    const leg = legOf(moved);
    return leg === null ? [] : writer.write("ZC_NOTIFY_MOVE", { id: idOf(moved), leg, tick: tickAt(nowMs) });
  },
  "actor.vanished": (ids, writer) => writer.write("ZC_NOTIFY_VANISH", { id: idOf(ids), code: outOfSight }),
  "actor.said": ({ accountId, charId, name, type: _, ...spoken }, writer, codePage) => {
    const line = shownLine(clientTextBytes(name, codePage, nameBytes), spoken, codePage);
    return writer.write("ZC_NOTIFY_CHAT", { id: idOf({ accountId, charId }), line });
  },
};

/** Packets that many clients on the map get. Each packet is encoded once, and all clients share its bytes. */
export class SharedPackets {
  readonly #writer: Writer;
  readonly #codePage: CodePage;
  readonly #times: Pick<RagnarokOptions, "isoAt">;
  readonly #bytes = new WeakMap<Sight, Uint8Array>();
  #own: { readonly stepMs: number; readonly bytes: Uint8Array } | null = null;

  constructor(writer: Writer, codePage: CodePage, times: Pick<RagnarokOptions, "isoAt">) {
    this.#writer = writer;
    this.#codePage = codePage;
    this.#times = times;
  }

  /** Returns what a client on a map is shown before it is put out. */
  linesOfKick(kick: Kick): readonly Uint8Array[] {
    return kickedLines(kick, this.#codePage, this.#times);
  }

  /**
   * Returns the bytes for a sight. `nowMs` is the time when the sight is shown for the first time. The result
   * can be empty.
   */
  of(sight: Sight, nowMs: number): Uint8Array {
    const known = this.#bytes.get(sight);
    if (known !== undefined) return known;
    const encode = encoders[sight.type] as (...of: [Sight, Writer, CodePage, number]) => Uint8Array[];
    const bytes = joined(encode(sight, this.#writer, this.#codePage, nowMs));
    this.#bytes.set(sight, bytes);
    return bytes;
  }

  /** Returns the numbers that each client shows of its own character. */
  ofOwn(stepMs: number): Uint8Array {
    if (this.#own?.stepMs !== stepMs) {
      const packets = [
        ...ownNumbers(stepMs).map((each) => this.#writer.write("ZC_PAR_CHANGE", each)),
        this.#writer.write("ZC_STATUS", ownStatus.sheet),
        ...ownStatus.points.map((each) => this.#writer.write("ZC_COUPLESTATUS", each)),
      ];
      this.#own = { stepMs, bytes: joined(packets.flat()) };
    }
    return this.#own.bytes;
  }
}

function joined(packets: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(packets.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const packet of packets) {
    bytes.set(packet, at);
    at += packet.length;
  }
  return bytes;
}
