import { AccountId, type Announced, type Kick, mapNameForm, type Order } from "@sallyport/domain";
import { ownWords, spokenOf } from "./chat.ts";
import { type CodePage, clientTextBytes } from "./code-page.ts";
import type { fromGamemaster } from "./gamemaster-packets.ts";
import type { RagnarokOptions } from "./options.ts";
import type { PacketOf } from "./packet-table.ts";

export type GamemasterPacket = PacketOf<typeof fromGamemaster>;
type OrderRows = {
  readonly [P in GamemasterPacket as P["type"]]: (packet: P, own: Own) => Order | null;
};

interface Own {
  /** The name of the gamemaster's character, as the client knows it. */
  readonly name: Uint8Array;
  readonly codePage: CodePage;
}

/** `/rc` says no time. Other servers of this family take this one. */
const minutesByName = 60;
const muteKinds = { speaks: 0, muted: 1 } as const;

/** `/b` and `/lb` sign the text with the name of the character, and `/nb` and `/nlb` do not. */
function announcement(
  line: Uint8Array,
  order: "announce-map" | "announce-world",
  { name, codePage }: Own,
): Order {
  const words = ownWords(line, name);
  const { text } = spokenOf(words ?? line, codePage);
  return { order, text, isSigned: words !== null };
}

const rows: OrderRows = {
  CZ_BROADCAST: ({ line }, own) => announcement(line, "announce-world", own),
  CZ_LOCALBROADCAST: ({ line }, own) => announcement(line, "announce-map", own),
  CZ_DISCONNECT_CHARACTER: ({ id }) => ({ order: "kick", player: AccountId(id), text: "" }),
  CZ_MOVETO_MAP: ({ map, x, y }) => {
    const [place = ""] = new RegExp(`^${mapNameForm}`).exec(map.toLowerCase()) ?? [];
    return { order: "go", place: { map: place, x, y } };
  },
  CZ_SHIFT: ({ name: player }) => ({ order: "go-to", player }),
  CZ_RECALL_GID: ({ name: player }) => ({ order: "summon", player }),
  CZ_REMOVE_AID: ({ name: player }) => ({ order: "go-to", player }),
  CZ_RECALL: ({ name: player }) => ({ order: "summon", player }),
  CZ_REMOVE_AID_SSO: ({ id }) => ({ order: "go-to", player: AccountId(id) }),
  CZ_RECALL_SSO: ({ id }) => ({ order: "summon", player: AccountId(id) }),
  CZ_REQ_GIVE_MANNER_POINT: ({ id, kind, minutes }) => {
    const player = AccountId(id);
    if (kind === muteKinds.muted) return { order: "mute", player, minutes };
    return kind === muteKinds.speaks ? { order: "mute", player, minutes: 0 } : null;
  },
  CZ_REQ_GIVE_MANNER_BYNAME: ({ name: player }) => ({ order: "mute", player, minutes: minutesByName }),
};

/** Returns the same handler for each packet of a gamemaster. */
export const forEachOrder = <H>(handler: H): { readonly [P in GamemasterPacket["type"]]: H } =>
  Object.fromEntries(Object.keys(rows).map((type) => [type, handler])) as never;

/** Returns null if the packet is no order. */
export function orderIn(packet: GamemasterPacket, own: Own): Order | null {
  const row = rows[packet.type] as (packet: GamemasterPacket, own: Own) => Order | null;
  return row(packet, own);
}

/** The longest line that these clients show. */
const lineMax = 255;

/** What the player is told before it is put out, because SC_NOTIFY_BAN has only a code. Usually nothing. */
export function kickedLines(
  { reason, untilMs, text }: Kick,
  codePage: CodePage,
  { isoAt }: Pick<RagnarokOptions, "isoAt">,
): readonly Uint8Array[] {
  const until =
    untilMs === null || reason !== "banned" ? [] : [`Banned until ${minuteOf(isoAt(untilMs))} UTC`];
  const lines = [...until, ...(text === null || text === "" ? [] : [text])];
  return lines.map((line) => clientTextBytes(line, codePage, lineMax));
}

/** Returns `YYYY-MM-DD HH:MM`. */
export const minuteOf = (iso: string): string => iso.replace(/:\d\d\.\d+Z$/, "").replace("T", " ");

export const announcedLine = ({ text, from }: Announced, codePage: CodePage): Uint8Array =>
  clientTextBytes(from === null ? text : `${from} : ${text}`, codePage, lineMax);
