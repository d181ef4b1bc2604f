import {
  type AccountId,
  type ActorIds,
  type Cell,
  type CharId,
  cellOf,
  type DialogueAnswer,
  type EventOf,
  type LoginId,
  type MapDoor,
  type MapEntered,
  middleOf,
  unitsPerCellOf,
  type Walking,
} from "@sallyport/domain";
import type { Incoming } from "../dialect.ts";
import { inCells, isWithinCell } from "./cells.ts";
import { ownWords, shownLine, spokenOf } from "./chat.ts";
import { ClientStream, type Packets } from "./client-stream.ts";
import { type CodePage, clientTextBytes } from "./code-page.ts";
import { kickCodes, mapEnterCodes, mutedCodes, purchaseCodes } from "./codes.ts";
import { answerOf, linesOf, menuOf } from "./dialogue.ts";
import { nameBytes } from "./field.ts";
import { FloorItems, notTaken, takenItem } from "./floor-items.ts";
import { announcedLine, forEachOrder, type GamemasterPacket, orderIn } from "./gamemaster.ts";
import type { toMapClient } from "./map-answers.ts";
import type { fromMapClient } from "./map-packets.ts";
import { nextDoor } from "./next-door.ts";
import type { RagnarokOptions } from "./options.ts";
import type { GivenOf } from "./packet-table.ts";
import { SharedPackets, type Sight, tickAt } from "./shared-packets.ts";
import { beginsLeg, directionOf, legOf } from "./walk.ts";
import { WalkRequests } from "./walk-requests.ts";

type MapPackets = Packets<typeof fromMapClient, typeof toMapClient>;
type IncomingCommands = Incoming<MapDoor>[];
type Base = ClientStream<MapDoor, typeof fromMapClient, typeof toMapClient>;

interface Self extends ActorIds {
  readonly name: string;
}

/**
 * `loading`: the character is in the world, but the client still loads the map and gets no actors. `looking`:
 * the client has loaded the map and has requested the actors in view. `left`: the client has no character on
 * this server, and must disconnect.
 */
type Phase = "new" | "entering" | "loading" | "looking" | "playing" | "left";

const nobodyThere = 1;
const notNow = 1;
const toCharacterSelect = 1;
const toBuy = 0;
const shownGoods = ({ goods }: EventOf<MapDoor, "shop.offered">) => ({
  goods: goods.map(({ item, price }) => ({ item, price, discounted: price })),
});
/** While so many requests for names have no answer, further ones are ignored. Clients repeat them. */
const namesAskedMax = 16;

export class MapStream extends ClientStream<MapDoor, typeof fromMapClient, typeof toMapClient> {
  // All connections share these tables. A separate table for each connection would need more memory than the
  // rest of the connection.
  static readonly #heard: Base["heard"] & ThisType<MapStream> = {
    CZ_ENTER({ accountId, charId, loginId1, sex }, nowMs) {
      if (this.#phase !== "new") return [];
      this.#phase = "entering";
      this.tellWithNext("ZC_AID", { accountId });
      const ids = {
        accountId: accountId as AccountId,
        charId: charId as CharId,
        loginId1: loginId1 as LoginId,
        sex,
      };
      return this.ask({ type: "map.enter", ...ids }, nowMs);
    },
    CZ_NOTIFY_ACTORINIT(_, nowMs) {
      if (this.#phase !== "loading") return [];
      this.#phase = "looking";
      return this.ask({ type: "map.look" }, nowMs);
    },
    CZ_REQUEST_TIME(_, nowMs) {
      if (this.#phase !== "new" && this.#phase !== "left")
        this.tell("ZC_NOTIFY_TIME", { tick: tickAt(nowMs) });
      return [];
    },
    CZ_REQUEST_MOVE({ to: { x, y } }, nowMs) {
      const to = middleOf({ x, y }, this.#unitsPerCell);
      return this.#phase === "playing" ? this.#walk(to, nowMs) : [];
    },
    CZ_REQNAME({ id }, nowMs) {
      if (id === this.#self?.accountId) this.tell("ZC_ACK_REQNAME", { id, name: this.#self.name });
      else if (this.#phase === "playing" && this.#namesAsked < namesAskedMax) {
        this.#namesAsked += 1;
        return this.ask({ type: "map.name", actor: id }, nowMs);
      }
      return [];
    },
    // Chat is accepted even while the client loads the map. Otherwise a line would be lost if the player
    // typed it when the character stepped on a warp.
    CZ_REQUEST_CHAT({ line }, nowMs) {
      const isThere = this.#isInWorld();
      const words = isThere && this.#self !== null ? ownWords(line, this.#nameBytes(this.#self.name)) : null;
      return words === null ? [] : this.ask({ type: "map.say", ...spokenOf(words, this.#codePage) }, nowMs);
    },
    CZ_WHISPER() {
      if (this.#phase === "playing") this.tell("ZC_ACK_WHISPER", { code: nobodyThere });
      return [];
    },
    CZ_CONTACTNPC({ id: actor }, nowMs) {
      return this.#phase === "playing" ? this.ask({ type: "map.click", actor }, nowMs) : [];
    },
    CZ_REQ_NEXT_SCRIPT({ id }, nowMs) {
      return this.#reply(id, { type: "next" }, nowMs);
    },
    CZ_CHOOSE_MENU({ id, choice }, nowMs) {
      return this.#reply(id, answerOf(choice), nowMs);
    },
    CZ_CLOSE_DIALOG({ id }, nowMs) {
      return this.#reply(id, { type: "close" }, nowMs);
    },
    CZ_ACK_SELECT_DEALTYPE({ id, deal }) {
      const isMeant = deal === toBuy && id === this.#offer?.actor;
      if (isMeant && this.#offer !== null)
        this.#tellOnMap("ZC_PC_PURCHASE_ITEMLIST", shownGoods(this.#offer));
      return [];
    },
    CZ_PC_PURCHASE_ITEMLIST({ goods }, nowMs) {
      const offer = this.#offer;
      this.#offer = null;
      if (offer !== null && this.#phase === "playing")
        return this.ask({ type: "shop.buy", actor: offer.actor, goods }, nowMs);
      this.#tellOnMap("ZC_PC_PURCHASE_RESULT", { code: purchaseCodes["no-shop"] });
      return [];
    },
    CZ_ITEM_PICKUP({ id: actor }, nowMs) {
      if (this.#phase !== "playing" || this.#floor.isTaking) return [];
      if (this.#floor.take(actor)) return this.ask({ type: "map.take", actor }, nowMs);
      this.tell("ZC_ITEM_PICKUP_ACK", notTaken("no-such-actor"));
      return [];
    },
    CZ_RESTART({ to }, nowMs) {
      return to === toCharacterSelect ? this.#leave("char-select", nowMs) : [];
    },
    CZ_REQ_DISCONNECT(_, nowMs) {
      return this.#leave("offline", nowMs);
    },
    ...forEachOrder(function (this: MapStream, packet: GamemasterPacket, nowMs: number) {
      return this.#order(packet, nowMs);
    }),
    CZ_CHANGE_DIRECTION: () => [],
    CZ_REQUEST_ACT: () => [],
    CZ_REQ_EMOTION: () => [],
    CZ_REQ_GUILD_MENU: () => [],
  };

  static readonly #answers: Base["answers"] & ThisType<MapStream> = {
    "map.enter"(answer, { accountId }, nowMs) {
      if (!answer.ok) {
        this.#phase = "left";
        const { packet, code } = mapEnterCodes[answer.refusal];
        this.tell(packet, { code });
        return [];
      }
      this.#settle(accountId, answer.value);
      const { x, y } = cellOf(answer.value.position, this.#unitsPerCell);
      this.tell("ZC_ACCEPT_ENTER", { tick: tickAt(nowMs), at: { x, y, dir: directionOf(null, { x, y }) } });
      return [];
    },
    // The event `actor.walks` reports the walk to the client. A refused walk changes nothing.
    "map.walk"(_answer, _asked, nowMs) {
      const next = this.#walks.answered();
      return next === null || this.#phase !== "playing" ? [] : this.#walk(next, nowMs);
    },
    // The server walks and saves these clients by itself. They come to a room by a way that leads there.
    "map.report": () => [],
    "room.enter": () => [],
    "map.save": () => [],
    "map.say"(answer) {
      if (!answer.ok && answer.refusal === "muted")
        this.tell("ZC_ACK_GIVE_MANNER_POINT", { code: mutedCodes.isMuted });
      return [];
    },
    // Without the right to order, the client gets no answer.
    "map.order"(answer, { order }) {
      if (!answer.ok && answer.refusal === "not-allowed") return [];
      if (order === "kick") this.tell("ZC_ACK_DISCONNECT_CHARACTER", { code: answer.ok ? 1 : 0 });
      if (order === "mute" && answer.ok) this.tell("ZC_ACK_GIVE_MANNER_POINT", { code: mutedCodes.done });
      return [];
    },
    "map.look"(answer, asked, nowMs) {
      if (this.#phase !== "looking") return [];
      if (answer.ok) {
        this.#phase = "playing";
        this.tellBytes(this.#shared.ofOwn(this.#stepMs));
      }
      // Repeat the request. Without an answer, the client would never show any other player.
      else if (answer.refusal !== "out-of-order") return this.ask(asked, nowMs);
      return [];
    },
    "map.name"(answer, { actor: id }) {
      this.#namesAsked -= 1;
      if (answer.ok && answer.value.name !== null)
        this.tell("ZC_ACK_REQNAME", { id, name: answer.value.name });
      return [];
    },
    "map.click": () => [],
    // Clients pick up nothing more until they get an answer.
    "map.take"(answer) {
      const item = this.#floor.endTaking();
      if (this.#isInWorld())
        this.tell("ZC_ITEM_PICKUP_ACK", answer.ok ? takenItem(item) : notTaken(answer.refusal));
      return [];
    },
    // Without this packet, the player could not close the window of a dialogue that is over.
    "dialogue.answer"(answer, { actor: id, answer: { type } }) {
      if (!answer.ok && type !== "close") this.#tellOnMap("ZC_CLOSE_DIALOG", { id });
      return [];
    },
    "shop.buy"(answer) {
      const code = answer.ok ? 0 : purchaseCodes[answer.refusal];
      if (this.#isInWorld()) this.tell("ZC_PC_PURCHASE_RESULT", { code });
      return [];
    },
    "game.command": () => [],
    "map.leave"(answer, { to }) {
      this.#isLeaving = false;
      if (!answer.ok) {
        this.tell("ZC_ACK_REQ_DISCONNECT", { code: notNow });
        return [];
      }
      this.#phase = "left";
      if (to === "char-select") this.tell("ZC_RESTART_ACK", { to: toCharacterSelect });
      else this.tell("ZC_ACK_REQ_DISCONNECT", { code: 0 });
      return [];
    },
  };

  static readonly #events: Base["events"] & ThisType<MapStream> = {
    "actor.appeared"(event, nowMs) {
      const appeared = inCells(event, this.#unitsPerCell);
      if (this.#isShown()) this.#floor.appear(appeared);
      this.#show(appeared, nowMs);
    },
    "actor.walks"(event, nowMs) {
      const walks = inCells(event, this.#unitsPerCell);
      if (isWithinCell(walks)) return;
      if (this.#isOwn(walks) && legOf(walks) !== null) this.#showOwnLeg(walks, nowMs);
      else this.#show(walks, nowMs);
    },
    "actor.moved"(event, nowMs) {
      const moved = inCells(event, this.#unitsPerCell);
      if (!beginsLeg(moved)) return;
      if (this.#isOwn(moved)) this.#showOwnLeg(moved, nowMs);
      else this.#show(moved, nowMs);
    },
    "actor.vanished"(vanished, nowMs) {
      const { charId: id } = vanished;
      if (this.#floor.vanish(id)) this.tell("ZC_ITEM_DISAPPEAR", { id });
      else this.#show(vanished, nowMs);
    },
    "actor.said"(said, nowMs) {
      if (!this.#isOwn(said)) return this.#show(said, nowMs);
      const { name, type: _, accountId: _account, charId: _own, ...spoken } = said;
      this.tell("ZC_NOTIFY_PLAYERCHAT", { line: shownLine(this.#nameBytes(name), spoken, this.#codePage) });
    },
    "dialogue.said"({ actor: id, text }) {
      for (const line of linesOf(text, this.#codePage)) this.#tellOnMap("ZC_SAY_DIALOG", { id, line });
    },
    "dialogue.asked"({ actor: id, choices }) {
      this.#tellOnMap("ZC_MENU_LIST", { id, line: menuOf(choices, this.#codePage) });
    },
    "dialogue.paused"({ actor: id }) {
      this.#tellOnMap("ZC_WAIT_DIALOG", { id });
    },
    "dialogue.ended"({ actor: id }) {
      this.#tellOnMap("ZC_CLOSE_DIALOG", { id });
    },
    "shop.offered"(offer) {
      if (this.#isShown()) this.#offer = offer;
      this.#tellOnMap("ZC_SELECT_DEALTYPE", { id: offer.actor });
    },
    announced(announced) {
      if (this.#isInWorld()) this.tell("ZC_BROADCAST", { line: announcedLine(announced, this.#codePage) });
    },
    // Ragnarok clients know no message of a game.
    "actor.changed": () => {},
    "character.changed": () => {},
    "game.event": () => {},
    "map.changed"(entered) {
      if (this.#self === null) return;
      this.#settle(this.#self.accountId, entered);
      const cell = cellOf(entered.position, this.#unitsPerCell);
      this.tell("ZC_NPCACK_MAPMOVE", { map: `${entered.position.map}.gat`, ...cell });
    },
    "map.hop"(hop) {
      this.#phase = "left";
      const { map, x, y } = hop.position;
      const door = nextDoor(hop);
      if (door === undefined) this.tell("SC_NOTIFY_BAN", { code: kickCodes["cluster-link-lost"] });
      else this.tell("ZC_NPCACK_SERVERMOVE", { map: `${map}.gat`, x, y, host: door.host, port: door.port });
    },
    "client.kicked"(kick) {
      for (const line of this.#shared.linesOfKick(kick)) this.#tellOnMap("ZC_BROADCAST", { line });
      this.tell("SC_NOTIFY_BAN", { code: kickCodes[kick.reason] });
    },
  };

  protected get heard(): Base["heard"] {
    return MapStream.#heard;
  }
  protected get answers(): Base["answers"] {
    return MapStream.#answers;
  }
  protected get events(): Base["events"] {
    return MapStream.#events;
  }

  readonly #codePage: CodePage;
  readonly #shared: SharedPackets;
  #phase: Phase = "new";
  #isLeaving = false;
  #self: Self | null = null;
  #stepMs = 0;
  #unitsPerCell = 1;
  readonly #floor = new FloorItems();
  /** The newest offer, until the client buys from it. */
  #offer: EventOf<MapDoor, "shop.offered"> | null = null;
  #namesAsked = 0;
  readonly #walks = new WalkRequests();

  constructor(packets: MapPackets, shared: SharedPackets, options: RagnarokOptions, nowMs: number) {
    super(packets, options, nowMs);
    this.#shared = shared;
    this.#codePage = packets.codePage;
  }

  #settle(accountId: AccountId, entered: MapEntered): void {
    this.#self = { accountId, charId: entered.charId, name: entered.name };
    this.#stepMs = entered.stepMs;
    this.#unitsPerCell = unitsPerCellOf(entered);
    this.#phase = "loading";
    this.#floor.forget();
    this.#offer = null;
  }

  #nameBytes(name: string): Uint8Array {
    return clientTextBytes(name, this.#codePage, nameBytes);
  }

  #isInWorld(): boolean {
    return this.#phase === "playing" || this.#phase === "loading" || this.#phase === "looking";
  }

  /** False while the client loads a map. The client would then draw actors on the old map. */
  #isShown(): boolean {
    return this.#phase === "playing";
  }

  #tellOnMap<N extends keyof typeof toMapClient>(type: N, given: GivenOf<typeof toMapClient, N>): void {
    if (this.#isShown()) this.tell(type, given);
  }

  #reply(actor: number, answer: DialogueAnswer, nowMs: number): IncomingCommands {
    return this.#phase === "playing" ? this.ask({ type: "dialogue.answer", actor, answer }, nowMs) : [];
  }

  #order(packet: GamemasterPacket, nowMs: number): IncomingCommands {
    if (!this.#isInWorld() || this.#self === null) return [];
    const own = { name: this.#nameBytes(this.#self.name), codePage: this.#codePage };
    const order = orderIn(packet, own);
    return order === null ? [] : this.ask({ type: "map.order", ...order }, nowMs);
  }

  #show(sight: Sight, nowMs: number): void {
    if (this.#isShown()) this.tellBytes(this.#shared.of(sight, nowMs));
  }

  /**
   * True if this actor is the client's own character. Clients get different packets about their own walks and
   * chat lines.
   */
  #isOwn({ charId }: ActorIds): boolean {
    return charId === this.#self?.charId;
  }

  #showOwnLeg(walks: Walking, nowMs: number): void {
    const leg = legOf(walks);
    if (leg !== null && this.#isShown()) this.tell("ZC_NOTIFY_PLAYERMOVE", { tick: tickAt(nowMs), leg });
  }

  #walk(to: Cell, nowMs: number): IncomingCommands {
    return this.#walks.begin(to) ? this.ask({ type: "map.walk", ...to }, nowMs) : [];
  }

  #leave(to: "char-select" | "offline", nowMs: number): IncomingCommands {
    if (!this.#isInWorld() || this.#isLeaving) return [];
    this.#isLeaving = true;
    return this.ask({ type: "map.leave", to }, nowMs);
  }
}
