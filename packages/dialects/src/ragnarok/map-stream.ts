import type { AccountId, Cell, CharId, LoginId, Looks, MapDoor, MapEntered, Sex } from "@sallyport/domain";
import type { Incoming } from "../dialect.ts";
import { beginner } from "./beginner.ts";
import { ownWords, shownLine, spokenOf } from "./chat.ts";
import { ClientStream, type Packets } from "./client-stream.ts";
import { type CodePage, clientTextBytes } from "./code-page.ts";
import { kickCodes, mapEnterCodes } from "./codes.ts";
import { nameBytes } from "./field.ts";
import type { toMapClient } from "./map-answers.ts";
import type { fromMapClient } from "./map-packets.ts";
import { nextDoor } from "./next-door.ts";
import type { RagnarokOptions } from "./options.ts";
import { ownNumbers, ownStatus } from "./own-numbers.ts";
import { directionOf, legOf, stepped, type Walk, walkAt } from "./walk.ts";

type MapPackets = Packets<typeof fromMapClient, typeof toMapClient>;
type IncomingCommands = Incoming<MapDoor>[];
type Base = ClientStream<MapDoor, typeof fromMapClient, typeof toMapClient>;

/** A character as the client shows it, or will show it after loading. */
interface Shown {
  readonly accountId: AccountId;
  readonly charId: CharId;
  readonly name: string;
  readonly sex: Sex;
  walk: Walk;
  dir: number;
}

interface Other extends Shown {
  readonly looks: Looks;
}

/**
 * `loading`: the character is in the world, but the client is still loading the map and gets no events.
 * `left`: the client has no character on this server, and must disconnect.
 */
type Phase = "new" | "entering" | "loading" | "playing" | "leaving" | "left";

const south = 4;
const outOfSight = 0;
const nobodyThere = 1;
const notNow = 1;
const toCharacterSelect = 1;

export class MapStream extends ClientStream<MapDoor, typeof fromMapClient, typeof toMapClient> {
  readonly #codePage: CodePage;
  #phase: Phase = "new";
  /** The phase before `leaving`. If the server refuses the leave, the client is in this phase again. */
  #phaseBefore: Phase = "new";
  #sex: Sex = "female";
  #self: Shown | null = null;
  #stepMs = 0;
  readonly #others = new Map<CharId, Other>();
  /**
   * True while a walk request is under way. `#walkNext` is the newest cell that the client has asked for
   * during that request.
   */
  #isAskingToWalk = false;
  #walkNext: Cell | null = null;

  constructor(packets: MapPackets, options: RagnarokOptions, nowMs: number) {
    super(packets, options, nowMs);
    this.#codePage = packets.codePage;
  }

  protected readonly heard: Base["heard"] = {
    CZ_ENTER: ({ accountId, charId, loginId1, sex }, nowMs) => {
      if (this.#phase !== "new") return [];
      this.#phase = "entering";
      this.#sex = sex;
      this.tell("ZC_AID", { accountId });
      const ids = {
        accountId: accountId as AccountId,
        charId: charId as CharId,
        loginId1: loginId1 as LoginId,
        sex,
      };
      return this.ask({ type: "map.enter", ...ids }, nowMs);
    },
    CZ_NOTIFY_ACTORINIT: (_, nowMs) => {
      if (this.#phase === "loading") this.#showAll(nowMs);
      return [];
    },
    CZ_REQUEST_TIME: (_, nowMs) => {
      if (this.#phase !== "new" && this.#phase !== "left")
        this.tell("ZC_NOTIFY_TIME", { tick: tickAt(nowMs) });
      return [];
    },
    CZ_REQUEST_MOVE: ({ to: { x, y } }, nowMs) =>
      this.#phase === "playing" ? this.#walk({ x, y }, nowMs) : [],
    CZ_REQNAME: ({ id }) => {
      const shown = this.#everybody().find(({ accountId }) => accountId === id);
      if (shown !== undefined) this.tell("ZC_ACK_REQNAME", { id, name: shown.name });
      return [];
    },
    // Chat is also sent while the client loads the map. So no line is lost if the player typed it while the
    // character stepped on a warp.
    CZ_REQUEST_CHAT: ({ line }, nowMs) => {
      const isThere = this.#phase === "playing" || this.#phase === "loading";
      const words = isThere && this.#self !== null ? ownWords(line, this.#nameBytes(this.#self.name)) : null;
      return words === null ? [] : this.ask({ type: "map.say", ...spokenOf(words, this.#codePage) }, nowMs);
    },
    CZ_WHISPER: () => {
      if (this.#phase === "playing") this.tell("ZC_ACK_WHISPER", { code: nobodyThere });
      return [];
    },
    CZ_RESTART: ({ to }, nowMs) => (to === toCharacterSelect ? this.#leave("char-select", nowMs) : []),
    CZ_REQ_DISCONNECT: (_, nowMs) => this.#leave("offline", nowMs),
    CZ_CHANGE_DIRECTION: () => [],
    CZ_REQUEST_ACT: () => [],
    CZ_REQ_EMOTION: () => [],
    CZ_REQ_GUILD_MENU: () => [],
  };

  protected readonly answers: Base["answers"] = {
    "map.enter": (answer, { accountId }, nowMs) => {
      if (!answer.ok) {
        this.#phase = "left";
        const { packet, code } = mapEnterCodes[answer.refusal];
        this.tell(packet, { code });
        return [];
      }
      this.#settle(accountId, answer.value);
      const { x, y } = answer.value.position;
      this.tell("ZC_ACCEPT_ENTER", { tick: tickAt(nowMs), at: { x, y, dir: south } });
      return [];
    },
    // `actor.walks` reports the walk. A refused walk changes nothing.
    "map.walk": (_answer, _asked, nowMs) => {
      const next = this.#walkNext;
      this.#isAskingToWalk = false;
      this.#walkNext = null;
      return next === null || this.#phase !== "playing" ? [] : this.#walk(next, nowMs);
    },
    "map.say": () => [],
    "map.leave": (answer, { to }) => {
      if (!answer.ok) {
        if (this.#phase === "leaving") this.#phase = this.#phaseBefore;
        this.tell("ZC_ACK_REQ_DISCONNECT", { code: notNow });
        return [];
      }
      this.#phase = "left";
      if (to === "char-select") this.tell("ZC_RESTART_ACK", { to: toCharacterSelect });
      else this.tell("ZC_ACK_REQ_DISCONNECT", { code: 0 });
      return [];
    },
  };

  protected readonly events: Base["events"] = {
    "actor.appeared": ({ accountId, charId, name, sex, looks, x, y, path }, nowMs) => {
      const shown = { accountId, charId, name, sex, looks, walk: walkAt({ x, y }, path), dir: south };
      this.#others.set(charId, shown);
      if (this.#isTold()) this.#show(shown, nowMs);
    },
    "actor.walks": ({ charId, x, y, path }, nowMs) => {
      const shown = this.#find(charId);
      if (shown === undefined) return;
      shown.walk = walkAt({ x, y }, path);
      if (!this.#isTold()) return;
      if (path.length === 0) this.tell("ZC_STOPMOVE", { id: shown.accountId, x, y });
      else this.#showLeg(shown, nowMs);
    },
    "actor.moved": ({ charId, x, y }, nowMs) => {
      const shown = this.#find(charId);
      if (shown === undefined) return;
      const { walk, next } = stepped(shown.walk, { x, y });
      shown.dir = directionOf(shown.walk, { x, y }, shown.dir);
      shown.walk = walk;
      if (!this.#isTold() || next === null) return;
      if (next === "astray") this.tell("ZC_STOPMOVE", { id: shown.accountId, x, y });
      else this.#showLeg(shown, nowMs);
    },
    "actor.vanished": ({ charId }) => {
      const shown = this.#others.get(charId);
      this.#others.delete(charId);
      if (shown === undefined || !this.#isTold()) return;
      this.tell("ZC_NOTIFY_VANISH", { id: shown.accountId, code: outOfSight });
    },
    "actor.said": ({ charId, name, ...spoken }) => {
      const line = shownLine(this.#nameBytes(name), spoken, this.#codePage);
      // Clients have another packet for lines of their own character.
      if (charId === this.#self?.charId) return this.tell("ZC_NOTIFY_PLAYERCHAT", { line });
      const other = this.#others.get(charId);
      if (other !== undefined && this.#isTold()) this.tell("ZC_NOTIFY_CHAT", { id: other.accountId, line });
    },
    "map.changed": (entered) => {
      if (this.#self === null) return;
      this.#settle(this.#self.accountId, entered);
      const { map, x, y } = entered.position;
      this.tell("ZC_NPCACK_MAPMOVE", { map: `${map}.gat`, x, y });
    },
    "map.hop": (hop) => {
      this.#phase = "left";
      const { map, x, y } = hop.position;
      const door = nextDoor(hop);
      if (door === undefined) this.tell("SC_NOTIFY_BAN", { code: kickCodes["cluster-link-lost"] });
      else this.tell("ZC_NPCACK_SERVERMOVE", { map: `${map}.gat`, x, y, host: door.host, port: door.port });
    },
    "client.kicked": ({ reason }) => this.tell("SC_NOTIFY_BAN", { code: kickCodes[reason] }),
  };

  #settle(accountId: AccountId, { charId, name, position, stepMs }: MapEntered): void {
    this.#self = { accountId, charId, name, sex: this.#sex, walk: walkAt(position, []), dir: south };
    this.#stepMs = stepMs;
    this.#others.clear();
    this.#phase = "loading";
  }

  #nameBytes(name: string): Uint8Array {
    return clientTextBytes(name, this.#codePage, nameBytes);
  }

  #find(charId: CharId): Shown | undefined {
    return this.#self?.charId === charId ? this.#self : this.#others.get(charId);
  }

  #everybody(): Shown[] {
    return this.#self === null ? [] : [this.#self, ...this.#others.values()];
  }

  /** False while the client loads a map, because the client would draw events on the old map. */
  #isTold(): boolean {
    return this.#phase === "playing" || this.#phase === "leaving";
  }

  #showAll(nowMs: number): void {
    this.#phase = "playing";
    for (const shown of this.#others.values()) this.#show(shown, nowMs);
    for (const each of ownNumbers(this.#stepMs)) this.tell("ZC_PAR_CHANGE", each);
    this.tell("ZC_STATUS", ownStatus.sheet);
    for (const each of ownStatus.points) this.tell("ZC_COUPLESTATUS", each);
    if (this.#self !== null) this.#showLeg(this.#self, nowMs);
  }

  #show({ accountId, name, sex, looks, walk, dir }: Other, nowMs: number): void {
    const { level } = beginner;
    const seen = { id: accountId, speed: this.#stepMs, ...looks, sex, level, name };
    const leg = legOf(walk);
    if (leg === null) this.tell("ZC_NOTIFY_STANDENTRY", { ...seen, at: { x: walk.x, y: walk.y, dir } });
    else this.tell("ZC_NOTIFY_MOVEENTRY", { ...seen, leg, tick: tickAt(nowMs) });
  }

  #showLeg({ accountId, charId, walk }: Shown, nowMs: number): void {
    const leg = legOf(walk);
    if (leg === null) return;
    const tick = tickAt(nowMs);
    if (charId === this.#self?.charId) this.tell("ZC_NOTIFY_PLAYERMOVE", { tick, leg });
    else this.tell("ZC_NOTIFY_MOVE", { id: accountId, leg, tick });
  }

  /**
   * Clients send several walks a second. At most one request is under way. If several walks arrive during
   * that request, only the newest is kept.
   */
  #walk(to: Cell, nowMs: number): IncomingCommands {
    if (this.#isAskingToWalk) {
      this.#walkNext = to;
      return [];
    }
    this.#isAskingToWalk = true;
    return this.ask({ type: "map.walk", ...to }, nowMs);
  }

  #leave(to: "char-select" | "offline", nowMs: number): IncomingCommands {
    if (this.#phase !== "playing" && this.#phase !== "loading") return [];
    this.#phaseBefore = this.#phase;
    this.#phase = "leaving";
    return this.ask({ type: "map.leave", to }, nowMs);
  }
}

function tickAt(nowMs: number): number {
  return Math.floor(nowMs) % 2 ** 32;
}
