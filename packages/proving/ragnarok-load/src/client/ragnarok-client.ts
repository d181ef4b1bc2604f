import type { DoorAddress } from "@sallyport/sdk";
import { type Cell, cellOnWay, type Move } from "../wire/cells.ts";
import type { Character } from "../wire/character.ts";
import * as write from "../wire/client-packets.ts";
import {
  type FloorItem,
  type Handlers,
  handle,
  type PacketOf,
  type ServerPacket,
  type World,
} from "../wire/server-packets.ts";
import type { Unit } from "../wire/unit.ts";
import { ClientLinks } from "./client-links.ts";
import type { ClientOptions } from "./client-options.ts";
import { InVain } from "./journal.ts";
import { TimeKeeper } from "./time-keeper.ts";
import { type Complaint, UnitsSeen } from "./units-seen.ts";

const pingEveryMs = 10_000;
/** In packet 00B0, this parameter is the walk speed: the milliseconds of one step. */
const walkSpeedParameter = 0;
const walkSpeedByDefault = 150;

export interface Place extends Cell {
  readonly map: string;
}

/**
 * A client of the Ragnarok protocol for scripts. It has one method for each request, which resolves to the
 * packet that answers the request. The client answers all other packets like real clients do. The client also
 * checks every packet and records it in the journal.
 */
export class RagnarokClient extends ClientLinks {
  #ids: write.LoginIds | null = null;
  #worlds: readonly World[] = [];
  #world: DoorAddress | null = null;
  #characters: readonly Character[] = [];
  #chosen: Character | null = null;
  #zone: DoorAddress | null = null;
  #map = "";
  #place: Place | null = null;
  #walkSpeed = walkSpeedByDefault;
  #walk: { readonly move: Move; readonly startedMs: number } | null = null;
  #seen = new UnitsSeen(0);
  #cancelPing: (() => void) | null = null;
  #hops = 0;
  #hopping: Promise<void> = Promise.resolve();
  readonly #time: TimeKeeper;
  /**
   * Each handler takes one type of packet. It returns complaints about packets whose bytes are right but
   * whose content is wrong.
   */
  readonly #handlers: Handlers<readonly Complaint[] | undefined> = {
    AC_ACCEPT_LOGIN: (accepted) => this.#loggedIn(accepted),
    HC_ACCEPT_ENTER: ({ characters }) => this.#listed(characters),
    HC_ACCEPT_MAKECHAR: ({ character }) => this.#listed([...this.#characters, character]),
    HC_NOTIFY_ZONESVR: (zone) => this.#sentTo(zone),
    ZC_ACCEPT_ENTER: ({ cell }) => this.#arrive({ ...cell, map: this.#map }, true),
    ZC_ACCEPT_ENTER2: ({ cell }) => this.#arrive({ ...cell, map: this.#map }, true),
    ZC_NPCACK_MAPMOVE: (place) => this.#arrive(place, false),
    ZC_NPCACK_SERVERMOVE: (zone) => this.#sentOn(zone),
    ZC_NOTIFY_PLAYERMOVE: (move) => this.#stand(move.to, move),
    ZC_STOPMOVE: (stop) => (stop.id === this.#ids?.accountId ? this.#stand(stop, null) : undefined),
    ZC_PAR_CHANGE: ({ parameter, value }) => this.#changed(parameter, value),
    ZC_NOTIFY_TIME: ({ tick }) => this.#time.hear(tick),
    ZC_RESTART_ACK: ({ code }) => this.#leaveIf(code === 1),
    ZC_ACK_REQ_DISCONNECT: ({ code }) => this.#leaveIf(code === 0),
  };

  constructor(options: ClientOptions) {
    super(options);
    this.#time = new TimeKeeper(this.clock);
  }

  get ids(): write.LoginIds | null {
    return this.#ids;
  }

  get worlds(): readonly World[] {
    return this.#worlds;
  }

  get characters(): readonly Character[] {
    return this.#characters;
  }

  get chosen(): Character | null {
    return this.#chosen;
  }

  /**
   * The cell on which the character stands or to which it walks, as the map-server last reported it. Null if
   * the client is not on a map.
   */
  get place(): Place | null {
    return this.#place;
  }

  /** The cell that the character should have reached by now, if no wall was in its way. */
  get cellByNow(): Cell | null {
    if (this.#walk === null) return this.#place;
    const { move, startedMs } = this.#walk;
    return cellOnWay(move, (this.clock.nowMs() - startedMs) / this.#walkSpeed);
  }

  get units(): ReadonlyMap<number, Unit> {
    return this.#seen.units;
  }

  get floorItems(): ReadonlyMap<number, FloorItem> {
    return this.#seen.items;
  }

  /** How often a map-server has sent the client to another map-server. */
  get hops(): number {
    return this.#hops;
  }

  /**
   * Waits until the client has entered the map-server to which it was last sent, or has failed to enter it.
   */
  async hopped(): Promise<void> {
    let hopping: Promise<void>;
    do {
      hopping = this.#hopping;
      await hopping;
      // The new map-server may already have sent the client on again.
    } while (hopping !== this.#hopping);
  }

  /**
   * Logs in with the name of the account, or with another name: some servers register the account NAME when a
   * client logs in as NAME_M or NAME_F.
   */
  async login(user = this.options.account) {
    const { login, password, version } = this.options;
    await this.open("login", login);
    return this.ask(write.login(user, password, version), {
      what: "login",
      types: ["AC_ACCEPT_LOGIN", "AC_REFUSE_LOGIN", "SC_NOTIFY_BAN"],
    });
  }

  /**
   * Uses the ids of the last login, even after a return from the map. Without an argument, enters the world
   * of the last call, or else the first world.
   */
  async enterChar(world: DoorAddress | null = this.#world ?? this.#worlds[0] ?? null) {
    if (world === null) throw new InVain("closed", "enter char: the login named no world");
    this.#world = world;
    await this.open("char", world);
    return this.ask(write.enterChar(this.#idsOrThrow()), {
      what: "enter char",
      types: ["HC_ACCEPT_ENTER", "HC_REFUSE_ENTER", "SC_NOTIFY_BAN"],
    });
  }

  create(character: write.NewCharacter) {
    return this.ask(write.makeCharacter(character), {
      what: "create",
      types: ["HC_ACCEPT_MAKECHAR", "HC_REFUSE_MAKECHAR"],
    });
  }

  delete(charId: number, email = "") {
    return this.ask(write.deleteCharacter(charId, email), {
      what: "delete",
      types: ["HC_ACCEPT_DELETECHAR", "HC_REFUSE_DELETECHAR"],
    });
  }

  reserveDeletion(charId: number) {
    const types = ["HC_DELETE_CHAR3_RESERVED"] as const;
    return this.ask(write.reserveDeletion(charId), { what: "reserve deletion", types });
  }

  deleteReserved(charId: number, birthDate: string) {
    const types = ["HC_DELETE_CHAR3"] as const;
    return this.ask(write.deleteReserved(charId, birthDate), { what: "delete reserved", types });
  }

  cancelDeletion(charId: number) {
    const types = ["HC_DELETE_CHAR3_CANCEL"] as const;
    return this.ask(write.cancelDeletion(charId), { what: "cancel deletion", types });
  }

  select(slot: number) {
    this.#chosen = this.#characters.find((character) => character.slot === slot) ?? null;
    return this.ask(write.selectCharacter(slot), {
      what: "select",
      types: ["HC_NOTIFY_ZONESVR", "HC_REFUSE_ENTER", "SC_NOTIFY_BAN"],
    });
  }

  /**
   * Enters the map-server that the answer to `select` named. After that the client reports that the map is
   * loaded, and asks for the time.
   */
  async enterMap() {
    if (this.#zone === null || this.#chosen === null) throw new InVain("closed", "enter map: nothing chosen");
    await this.open("map", this.#zone);
    const ids = this.#idsOrThrow();
    this.#seen = new UnitsSeen(ids.accountId);
    this.#walkSpeed = this.#chosen.walkSpeed;
    return this.ask(write.enterMap(ids, this.#chosen.charId, this.#time.tick), {
      what: "enter map",
      types: ["ZC_ACCEPT_ENTER2", "ZC_ACCEPT_ENTER", "ZC_REFUSE_ENTER", "SC_NOTIFY_BAN"],
    });
  }

  /** Some servers do not answer a walk to a blocked cell. */
  walk(to: Cell, withinMs = this.withinMs) {
    return this.ask(write.walk(this.profile, to), {
      what: "walk",
      types: ["ZC_NOTIFY_PLAYERMOVE", "ZC_STOPMOVE"],
      isMeant: (packet) => packet.type === "ZC_NOTIFY_PLAYERMOVE" || packet.id === this.#ids?.accountId,
      withinMs,
    });
  }

  /** Does not wait for an answer. */
  sendWalk(to: Cell): void {
    this.send(write.walk(this.profile, to));
  }

  say(text: string, as = this.#chosen?.name ?? "") {
    return this.ask(write.say(as, text), { what: "say", types: ["ZC_NOTIFY_PLAYERCHAT"] });
  }

  whisper(to: string, text: string) {
    return this.ask(write.whisper(to, text), { what: "whisper", types: ["ZC_ACK_WHISPER"] });
  }

  nameOf(id: number) {
    return this.ask(write.requestName(this.profile, id), {
      what: "name",
      types: ["ZC_ACK_REQNAME", "ZC_ACK_REQNAMEALL"],
      isMeant: (packet) => packet.id === id,
    });
  }

  take(id: number) {
    return this.ask(write.takeItem(this.profile, id), { what: "take", types: ["ZC_ITEM_PICKUP_ACK3"] });
  }

  time() {
    return this.ask(write.requestTime(this.profile, this.#time.tick), {
      what: "time",
      types: ["ZC_NOTIFY_TIME"],
    });
  }

  /** Returns to character select. The caller then has to call `enterChar`. */
  restart() {
    return this.ask(write.restart("char-select"), { what: "restart", types: ["ZC_RESTART_ACK"] });
  }

  quit() {
    return this.ask(write.quit(), { what: "quit", types: ["ZC_ACK_REQ_DISCONNECT"] });
  }

  protected override accountId(): number | null {
    return this.#ids?.accountId ?? null;
  }

  protected override onClosed(): void {
    this.#cancelPing?.();
    this.#cancelPing = null;
    this.#time.stop();
    this.#place = null;
    this.#walk = null;
  }

  protected override hear(packet: ServerPacket): readonly Complaint[] {
    return [...this.#seen.hear(packet), ...(handle(this.#handlers, packet) ?? [])];
  }

  #loggedIn({ accountId, loginId1, loginId2, sex, worlds }: PacketOf<"AC_ACCEPT_LOGIN">): undefined {
    this.#ids = { accountId, loginId1, loginId2, sex };
    this.#worlds = worlds;
    this.#world = null;
    this.#leaveIf(true);
  }

  #listed(characters: readonly Character[]): undefined {
    this.#characters = characters;
    this.#ping();
  }

  #sentTo({ host, port, map }: PacketOf<"HC_NOTIFY_ZONESVR">): undefined {
    this.#zone = { host, port };
    this.#map = map;
    this.#leaveIf(true);
  }

  #arrive({ map, x, y }: Place, isEntry: boolean): undefined {
    this.#map = map;
    this.#place = { map, x, y };
    this.#walk = null;
    this.#seen.forget();
    void this.#load(isEntry);
  }

  /**
   * Loads the map, and tells the map-server when the map is loaded. After an entry, the client also starts to
   * ask for the time.
   */
  async #load(isEntry: boolean): Promise<void> {
    if (this.options.loadMap !== undefined) await this.options.loadMap();
    if (this.door !== "map") return;
    this.#seen.loaded();
    this.send(write.actorInit());
    if (!isEntry) return;
    this.#keepTime();
    if ((this.options.manner ?? "openkore") === "openkore") this.send(write.requestGuild());
  }

  #sentOn(zone: PacketOf<"ZC_NPCACK_SERVERMOVE">): undefined {
    this.#hops += 1;
    this.#hopping = this.#hop(zone);
  }

  async #hop({ map, host, port }: PacketOf<"ZC_NPCACK_SERVERMOVE">): Promise<void> {
    this.#zone = { host, port };
    this.#map = map;
    this.#place = null;
    try {
      const answer = await this.enterMap();
      if (answer.type !== "ZC_REFUSE_ENTER") return;
      this.complain("hop-in-vain", `${map}: 0074 ${answer.code}`);
      // The server answers nothing more, and waits until the client disconnects.
      void this.leave();
    } catch (error) {
      this.complain("hop-in-vain", `${map}: ${(error as Error).message}`);
    }
  }

  #keepTime(): void {
    this.#time.start(
      () => this.send(write.requestTime(this.profile, this.#time.tick)),
      (why) => {
        this.complain("time-unanswered", why);
        void this.leave();
      },
    );
  }

  #ping(): void {
    if (this.options.manner !== "robrowser") return;
    const { accountId } = this.#idsOrThrow();
    this.#cancelPing?.();
    this.#cancelPing = this.clock.every(pingEveryMs, () => this.send(write.ping(accountId)));
  }

  #stand({ x, y }: Cell, move: Move | null): undefined {
    if (this.#place !== null) this.#place = { map: this.#place.map, x, y };
    this.#walk = move === null ? null : { move, startedMs: this.clock.nowMs() };
  }

  #changed(parameter: number, value: number): undefined {
    if (parameter === walkSpeedParameter) this.#walkSpeed = value;
  }

  #leaveIf(isOver: boolean): undefined {
    if (isOver) void this.leave();
  }

  #idsOrThrow(): write.LoginIds {
    if (this.#ids === null) throw new InVain("closed", "no login before this");
    return this.#ids;
  }
}
