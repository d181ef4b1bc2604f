import type {
  AccountId,
  AnswerTo,
  CharacterSummary,
  CharDoor,
  CharId,
  DeletionStep,
  LoginId,
} from "@sallyport/domain";
import type { Incoming } from "../dialect.ts";
import { beginner, usualSpeed } from "./beginner.ts";
import type { fromCharClient, toCharClient } from "./char-packets.ts";
import { ClientStream, type Packets } from "./client-stream.ts";
import { charEnterCodes, chooseCodes, createCodes, deleteCodes, kickCodes } from "./codes.ts";
import { nextDoor } from "./next-door.ts";
import type { RagnarokOptions } from "./options.ts";
import type { GivenOf } from "./packet-table.ts";

type CharPackets = Packets<typeof fromCharClient, typeof toCharClient>;
type IncomingCommands = Incoming<CharDoor>[];
type Base = ClientStream<CharDoor, typeof fromCharClient, typeof toCharClient>;

const startersMax = 5;
const denied = 0xff;
const wrongBirthDate = 5;
const stillReserved = 2;

export class CharStream extends ClientStream<CharDoor, typeof fromCharClient, typeof toCharClient> {
  readonly #options: RagnarokOptions;
  #accountId: AccountId | null = null;
  #slotCount = 0;
  #characters: readonly CharacterSummary[] = [];
  /** The stream ignores other requests until the client has the list of characters. */
  #hasList = false;
  #isChoosing = false;
  #startersTried = 0;

  constructor(packets: CharPackets, options: RagnarokOptions, nowMs: number) {
    super(packets, { firstPacketMs: options.firstPacketMs, silentMs: options.selectIdleMs }, nowMs);
    this.#options = options;
  }

  protected readonly heard: Base["heard"] = {
    CH_ENTER: ({ accountId, loginId1, loginId2, sex }, nowMs) => {
      if (this.#accountId !== null) return [];
      this.#accountId = accountId as AccountId;
      // Some clients read the first four bytes of the connection as the account id. So the server sends the
      // id first.
      this.tellWithNext("HC_ACCOUNT_ID", { accountId });
      return this.ask(
        {
          type: "char.enter",
          accountId: this.#accountId,
          loginId1: loginId1 as LoginId,
          loginId2: loginId2 as LoginId,
          sex,
        },
        nowMs,
      );
    },
    CH_SELECT_CHAR: ({ slot }, nowMs) => {
      // Ignore a second choice, because the char-server would end the login. The player may only have clicked
      // twice.
      if (!this.#hasList || this.#isChoosing) return [];
      const character = this.#characters.find((each) => each.slot === slot);
      if (character === undefined) {
        this.tell("HC_REFUSE_ENTER", { code: 0 });
        return [];
      }
      this.#isChoosing = true;
      return this.ask({ type: "char.choose", charId: character.charId }, nowMs);
    },
    CH_MAKE_CHAR: ({ name, slot, hairStyle, hairColour }, nowMs) => {
      if (!this.#hasList) return [];
      // Some clients send an empty name first, and then the right name.
      const looks = { hairStyle, hairColour };
      if (name !== "") return this.ask({ type: "char.create", slot, name, looks }, nowMs);
      this.tell("HC_REFUSE_MAKECHAR", { code: denied });
      return [];
    },
    CH_DELETE_CHAR: ({ charId }, nowMs) => this.#delete(charId, {}, nowMs),
    CH_DELETE_CHAR3_RESERVED: ({ charId }, nowMs) => this.#delete(charId, { step: "reserve" }, nowMs),
    CH_DELETE_CHAR3: ({ charId, birthDate }, nowMs) => {
      const { birthDate: wanted } = this.#options;
      const isRight = wanted === null ? /^\d{6}$/.test(birthDate) : birthDate === wanted;
      if (isRight || !this.#hasList) return this.#delete(charId, { step: "carry-out" }, nowMs);
      this.tell("HC_DELETE_CHAR3", { charId, code: wrongBirthDate });
      return [];
    },
    CH_DELETE_CHAR3_CANCEL: ({ charId }, nowMs) => this.#delete(charId, { step: "cancel" }, nowMs),
  };

  protected readonly answers: Base["answers"] = {
    "char.enter": (answer, _, nowMs) => {
      if (!answer.ok) return this.#refuse(charEnterCodes[answer.refusal]);
      this.#slotCount = answer.value.slotCount;
      this.#characters = answer.value.characters;
      if (this.#characters.length === 0 && this.#options.starter) return this.#makeStarter(nowMs);
      return this.#tellList();
    },
    "char.create": (answer, _, nowMs) => {
      if (!this.#hasList) return this.#starterMade(answer, nowMs);
      if (answer.ok) {
        this.#characters = [...this.#characters, answer.value];
        this.tell("HC_ACCEPT_MAKECHAR", asBlock(answer.value));
      } else {
        this.tell("HC_REFUSE_MAKECHAR", { code: createCodes[answer.refusal] });
      }
      return [];
    },
    "char.delete": (answer, { charId, step }) => {
      const isDeleted = answer.ok && (step === undefined || step === "carry-out");
      if (isDeleted) this.#characters = this.#characters.filter((each) => each.charId !== charId);
      const code = answer.ok ? 1 : deleteCodes[answer.refusal];
      switch (step) {
        case undefined:
          this.tell(answer.ok ? "HC_ACCEPT_DELETECHAR" : "HC_REFUSE_DELETECHAR", {});
          break;
        case "reserve":
          this.tell("HC_DELETE_CHAR3_RESERVED", { charId, code, ...(answer.ok ? answer.value : {}) });
          break;
        case "carry-out":
          this.tell("HC_DELETE_CHAR3", { charId, code });
          break;
        case "cancel":
          this.tell("HC_DELETE_CHAR3_CANCEL", { charId, code: answer.ok ? 1 : stillReserved });
      }
      return [];
    },
    "char.choose": (answer) => {
      if (!answer.ok) {
        this.#isChoosing = false;
        return this.#refuse(chooseCodes[answer.refusal]);
      }
      const { charId, map } = answer.value;
      const door = nextDoor(answer.value);
      if (door === undefined) return this.#refuse(chooseCodes["map-unavailable"]);
      this.tell("HC_NOTIFY_ZONESVR", { charId, map: `${map}.gat`, host: door.host, port: door.port });
      return [];
    },
  };

  protected readonly events: Base["events"] = {
    "client.kicked": ({ reason }) => this.tell("SC_NOTIFY_BAN", { code: kickCodes[reason] }),
  };

  #makeStarter(nowMs: number): IncomingCommands {
    this.#startersTried += 1;
    const suffix = this.#startersTried === 1 ? "" : `_${this.#startersTried}`;
    return this.ask({ type: "char.create", slot: 0, name: `Novice${this.#accountId}${suffix}` }, nowMs);
  }

  #starterMade(answer: AnswerTo<CharDoor, "char.create">, nowMs: number): IncomingCommands {
    if (answer.ok) {
      this.#characters = [answer.value];
      return this.#tellList();
    }
    const isTaken = answer.refusal === "name-taken" && this.#startersTried < startersMax;
    return isTaken ? this.#makeStarter(nowMs) : this.#refuse(charEnterCodes.unavailable);
  }

  #delete(charId: number, step: { readonly step?: DeletionStep }, nowMs: number): IncomingCommands {
    if (!this.#hasList) return [];
    return this.ask({ type: "char.delete", charId: charId as CharId, ...step }, nowMs);
  }

  #tellList(): IncomingCommands {
    const slots = { slotCount: this.#slotCount, premiumFrom: this.#slotCount, premiumTo: this.#slotCount };
    this.#hasList = true;
    this.tell("HC_ACCEPT_ENTER", { ...slots, characters: this.#characters.map(asBlock) });
    return [];
  }

  #refuse({ packet, code }: { packet: "SC_NOTIFY_BAN" | "HC_REFUSE_ENTER"; code: number }): IncomingCommands {
    this.tell(packet, { code });
    return [];
  }
}

function asBlock({
  charId,
  slot,
  name,
  looks,
  position,
  deleteAfterS = 0,
}: CharacterSummary): GivenOf<typeof toCharClient, "HC_ACCEPT_MAKECHAR"> {
  const { level, jobLevel, hp, maxHp, sp, maxSp, points } = beginner;
  const numbers = { level, jobLevel, hp, maxHp, sp, maxSp, ...looks, ...points };
  return {
    ...numbers,
    charId,
    slot,
    name,
    speed: usualSpeed,
    renamed: 1,
    map: `${position.map}.gat`,
    deleteAfterS,
  };
}
