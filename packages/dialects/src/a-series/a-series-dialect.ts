import type { AnswerTo, CommandName, CommonRefusal, LoginDoor, LoginRefusal, Role } from "@sallyport/domain";
import type { Dialect, DialectStream, Incoming, Introduction } from "../dialect.ts";
import { authenticationIdOf, type Mac } from "./authentication-id.ts";
import { type Request, RequestReader, registerStat, statusCodes, vertifyUser } from "./packets.ts";

export interface ASeriesOptions {
  readonly mac: Mac;
  /** The connection ends after this many answers. The seed has 1. */
  readonly exchangesMax: number;
}

/** The server waits this long for a whole request. */
const requestMs = 10_000;
/** A request that has waited longer is not carried out. It is answered as refused. */
const answerMs = 15_000;

const introduction: Introduction = {
  ...{ version: 0, dialect: "a-series", program: "", programVersion: "" },
  ...{ deviceId: null, secondLogin: null },
};

const loginStatus: { readonly [R in Role]: number } = {
  player: statusCodes.loginUser,
  gamemaster: statusCodes.loginUser,
  administrator: statusCodes.loginAdmin,
};

/** These refusals are `loginAlready`. All others are `loginFail`, because there is no other code. */
const inUse: ReadonlySet<LoginRefusal | CommonRefusal> = new Set(["already-online", "overtaken"] as const);

type Asked = "login.password" | "login.register";

class ASeriesStream implements DialectStream<LoginDoor> {
  readonly introduction = introduction;
  readonly #options: ASeriesOptions;
  readonly #reader = new RequestReader();
  readonly #asked = new Map<number, Asked>();
  #askedCount = 0;
  readonly #output: Uint8Array[] = [];
  #heardMs: number;

  constructor(options: ASeriesOptions, nowMs: number) {
    this.#options = options;
    this.#heardMs = nowMs;
  }

  receive(bytes: Uint8Array, nowMs: number): Incoming<LoginDoor>[] {
    const left = this.#options.exchangesMax - this.#askedCount;
    if (left === 0) return [];
    const requests = this.#reader.push(bytes, left);
    if (requests.length > 0) this.#heardMs = nowMs;
    return requests.map((request) => this.#ask(commandOf(request), nowMs));
  }

  #ask(command: Incoming<LoginDoor>["command"] & { type: Asked }, nowMs: number): Incoming<LoginDoor> {
    this.#askedCount += 1;
    this.#asked.set(this.#askedCount, command.type);
    return { command, answerTo: this.#askedCount, expiresMs: nowMs + answerMs };
  }

  answer(answerTo: number, answer: AnswerTo<LoginDoor, CommandName<LoginDoor>>, nowMs: number): [] {
    const asked = this.#asked.get(answerTo);
    this.#asked.delete(answerTo);
    this.#heardMs = nowMs;
    if (asked === "login.register") {
      this.#output.push(registerStat(answer.ok ? statusCodes.registerSuccess : statusCodes.registerFail));
    } else if (asked === "login.password") {
      // The id says which command this is an answer to. TypeScript cannot follow that.
      this.#output.push(loginAnswer(answer as AnswerTo<LoginDoor, "login.password">, this.#options.mac));
    }
    return [];
  }

  event(): void {}

  tick(nowMs: number): "alive" | "silent" {
    return this.#asked.size === 0 && nowMs - this.#heardMs >= requestMs ? "silent" : "alive";
  }

  takeOutput(): readonly Uint8Array[] {
    return this.#output.splice(0);
  }

  get isFinished(): boolean {
    return this.#askedCount === this.#options.exchangesMax && this.#asked.size === 0;
  }
}

/** The wire has no sex for a new account. */
const sex = "male";

const commandOf = ({ type, email, password }: Request) =>
  type === "authent_user"
    ? ({ type: "login.password", name: email, password } as const)
    : ({ type: "login.register", name: "", email, password, sex } as const);

function loginAnswer(answer: AnswerTo<LoginDoor, "login.password">, mac: Mac): Uint8Array {
  if (answer.ok) return vertifyUser(loginStatus[answer.value.role], authenticationIdOf(answer.value, mac));
  return vertifyUser(inUse.has(answer.refusal) ? statusCodes.loginAlready : statusCodes.loginFail, null);
}

/** The login door of seed 000. Its clients log in with an e-mail address, and take an authentication id with them. */
export const aSeriesLoginDoor = (options: ASeriesOptions): Dialect<LoginDoor> => ({
  name: introduction.dialect,
  // The seed refuses a login that is in use, and forgets the older one.
  secondLogin: "reject",
  open: (nowMs) => new ASeriesStream(options, nowMs),
});
