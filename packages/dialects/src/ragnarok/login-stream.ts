import type { LoggedIn, LoginDoor, Refused, Sex } from "@sallyport/domain";
import { WireError } from "@sallyport/wire";
import type { Incoming } from "../dialect.ts";
import { ClientStream, type Packets } from "./client-stream.ts";
import { bannedUntil, kickCodes, type LoginCode, loginCodes, registerCodes, rejected } from "./codes.ts";
import { minuteOf } from "./gamemaster.ts";
import type { fromLoginClient, toLoginClient } from "./login-packets.ts";
import { nextDoor } from "./next-door.ts";
import type { RagnarokOptions } from "./options.ts";

type LoginPackets = Packets<typeof fromLoginClient, typeof toLoginClient>;
type IncomingCommands = Incoming<LoginDoor>[];

/** The client shows until when such a ban holds. */
const bans: ReadonlySet<string> = new Set(["banned", "address-banned", "device-banned"]);
const saltBytes = 16;
/** A client asks for a salt before a login. Two bytes ask for twenty, so a client may not go on asking. */
const saltsMax = 32;
/**
 * A login as `name_M` or `name_F` means that the client wants to register `name`, which may be an e-mail
 * address. The letter is the sex.
 */
const newName = /^(.+)_([MF])$/i;

export class LoginStream extends ClientStream<LoginDoor, typeof fromLoginClient, typeof toLoginClient> {
  readonly #options: RagnarokOptions;
  #saltsGiven = 0;

  constructor(packets: LoginPackets, options: RagnarokOptions, nowMs: number) {
    super(packets, options, nowMs);
    this.#options = options;
  }

  protected readonly heard: ClientStream<LoginDoor, typeof fromLoginClient, typeof toLoginClient>["heard"] = {
    CA_LOGIN: ({ name, password }, nowMs) => {
      const [, stripped, letter] = (this.#options.registration && newName.exec(name)) || [];
      if (stripped === undefined) return this.ask({ type: "login.password", name, password }, nowMs);
      const sex: Sex = letter?.toUpperCase() === "F" ? "female" : "male";
      const isEmail = stripped.includes("@");
      const known = isEmail ? { name: "", email: stripped } : { name: stripped };
      return this.ask({ type: "login.register", ...known, password, sex }, nowMs);
    },
    CA_REQ_HASH: () => {
      this.#saltsGiven += 1;
      if (this.#saltsGiven > saltsMax) throw new WireError("CA_REQ_HASH", "asked too often");
      this.tell("AC_ACK_HASH", { salt: this.#options.randomBytes(saltBytes) });
      return [];
    },
    // A password that arrives as an MD5 digest cannot be checked, because argon2id needs the password itself.
    CA_LOGIN2: () => this.#refuse(rejected),
  };

  protected readonly answers: ClientStream<
    LoginDoor,
    typeof fromLoginClient,
    typeof toLoginClient
  >["answers"] = {
    "login.register": (answer, { name, email, password }, nowMs) => {
      const code = answer.ok ? null : registerCodes[answer.refusal];
      if (!answer.ok && code !== null) return this.#refuseAs(code, answer);
      return this.ask({ type: "login.password", name: email ?? name, password }, nowMs);
    },
    "login.password": (answer) =>
      answer.ok ? this.#accept(answer.value) : this.#refuseAs(loginCodes[answer.refusal], answer),
    "login.salt": () => [],
    "login.prove": () => [],
    "login.email.confirm": () => [],
    "login.password.change": () => [],
    "login.password.reset.ask": () => [],
    "login.password.reset": () => [],
    "login.password.telling": () => [],
    "login.token": () => [],
    "login.token.password": () => [],
  };

  protected readonly events: ClientStream<LoginDoor, typeof fromLoginClient, typeof toLoginClient>["events"] =
    {
      "client.kicked": ({ reason }) => this.tell("SC_NOTIFY_BAN", { code: kickCodes[reason] }),
    };

  #accept({ accountId, loginId1, loginId2, sex, worlds }: LoggedIn): IncomingCommands {
    const open = worlds.flatMap((world) => {
      const door = nextDoor(world);
      return door === undefined ? [] : [{ ...door, name: world.name, players: world.players }];
    });
    if (open.length === 0) return this.#refuse(rejected);
    this.tell("AC_ACCEPT_LOGIN", { accountId, loginId1, loginId2, sex, worlds: open });
    return [];
  }

  /** These packets have no room for the reason of a ban. */
  #refuseAs(code: LoginCode, { refusal, retryAfterMs }: Refused<string>): IncomingCommands {
    if (!bans.has(refusal) || retryAfterMs === undefined) return this.#refuse(code);
    const until = minuteOf(this.#options.isoIn(retryAfterMs));
    this.tell(bannedUntil.packet, { code: bannedUntil.code, until });
    return [];
  }

  #refuse({ packet, code }: LoginCode): IncomingCommands {
    this.tell(packet, { code });
    return [];
  }
}
