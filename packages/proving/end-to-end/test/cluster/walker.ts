import { systemClock } from "@sallyport/clock";
import { type CharId, type LoginTicket, type Outcome, type Position, refused } from "@sallyport/domain";
import {
  type CharacterSummary,
  CharConnection,
  type ConnectionEnd,
  type ConnectionOptions,
  Credentials,
  defaultBounds,
  drawNonce,
  type EndReason,
  LoginConnection,
  MapConnection,
  prove,
  type World,
} from "@sallyport/sdk";
import { must, until } from "@sallyport/testkit";
import type { TestAccount, TestCluster } from "./test-cluster.ts";

/** The answer to a client's request. Tests do not read `value`. */
export type Answer = Outcome<unknown, string>;
export type Cut = "close" | "destroy";

const wasReached: Answer = { ok: true, value: {} };

/** A client that takes one step at a time through the doors. It can stop after any step. */
export class Walker {
  readonly account: TestAccount;
  readonly #cluster: TestCluster;
  readonly #credentials: Credentials;
  readonly #slot: number;
  #connection: LoginConnection | CharConnection | MapConnection | null = null;
  #ticket: LoginTicket | null = null;
  #characters: readonly CharacterSummary[] = [];
  #handedOver: { readonly charId: CharId; readonly host: string; readonly port: number } | null = null;
  #position: Position | null = null;
  #end: ConnectionEnd | null = null;
  #hasStepped = false;

  constructor(
    cluster: TestCluster,
    account: TestAccount,
    options: { readonly credentials?: Credentials; readonly slot?: number } = {},
  ) {
    this.#cluster = cluster;
    this.account = account;
    this.#credentials = options.credentials ?? new Credentials();
    this.#slot = options.slot ?? 0;
  }

  /** Why the newest connection ended; null while it is open. */
  get ended(): EndReason | null {
    return this.#end?.reason ?? null;
  }

  /** The connection to the map door, or null if it is not open. */
  get map(): MapConnection | null {
    return this.#connection instanceof MapConnection && this.#connection.isOpen ? this.#connection : null;
  }

  get position(): Position {
    return there(this.#position);
  }

  get charId(): CharId {
    return there(this.#handedOver).charId;
  }

  get ticket(): LoginTicket {
    return there(this.#ticket);
  }

  readonly steps = {
    reachLogin: () => this.#reach(LoginConnection.reach(this.#cluster.loginAddress, this.#options())),
    logIn: async (): Promise<Answer> => {
      const { name, password } = this.account;
      return this.#learn(await this.#at(LoginConnection).ask({ type: "login.password", name, password }));
    },
    prove: async (): Promise<Answer> => {
      const { name, password } = this.account;
      const login = this.#at(LoginConnection);
      const offer = await login.ask({ type: "login.salt", name });
      if (!offer.ok) return offer;
      const keys = await this.#credentials.keys(password, offer.value);
      const { serverSignature: _, ...proof } = await prove(keys, name, offer.value, drawNonce());
      return this.#learn(await login.ask({ type: "login.prove", name, ...proof }));
    },
    reachChar: () => this.#reach(CharConnection.reach(this.#cluster.charAddress, this.#options())),
    enterChar: async (): Promise<Answer> => {
      const entered = await this.#at(CharConnection).ask({ type: "char.enter", ...this.ticket });
      if (entered.ok) this.#characters = entered.value.characters;
      return entered;
    },
    choose: async (): Promise<Answer> => {
      const charId = there(this.#characters.find(({ slot }) => slot === this.#slot)).charId;
      const chosen = await this.#at(CharConnection).ask({ type: "char.choose", charId });
      if (chosen.ok) this.#handedOver = chosen.value;
      return chosen;
    },
    reachMap: () => this.#reach(MapConnection.reach(there(this.#handedOver), this.#options())),
    enterMap: async (): Promise<Answer> => {
      const { accountId, loginId1, sex } = this.ticket;
      const { charId } = there(this.#handedOver);
      const shown = { accountId, charId, loginId1, sex };
      const entered = await this.#at(MapConnection).ask({ type: "map.enter", ...shown });
      if (entered.ok) this.#position = entered.value.position;
      return entered;
    },
    /**
     * Steps onto the warp of the map. Resolves when the client is told to go to another map-server, when it
     * is known that the character stays, or when the connection is over.
     */
    hop: () => this.#stepOnWarp(this.#at(MapConnection)),
    /**
     * Walks two cells up or down. After the next entry it walks back. It never ends on a warp, because that
     * would begin a hop.
     */
    walk: (): Promise<Answer> => {
      const { map, x, y } = there(this.#position);
      const [to, other] = y % 4 < 2 ? [y + 2, y - 2] : [y - 2, y + 2];
      const isWarp = warps[map as keyof typeof warps].y === to;
      const connection = this.#at(MapConnection);
      this.#hasStepped = false;
      connection.on((event) => {
        this.#hasStepped ||= event.type === "actor.moved";
      });
      return connection.ask({ type: "map.walk", x, y: isWarp ? other : to });
    },
    say: (): Promise<Answer> => this.#at(MapConnection).ask({ type: "map.say", text: "still here" }),
    leave: (): Promise<Answer> => this.#at(MapConnection).ask({ type: "map.leave", to: "offline" }),
    goBack: (): Promise<Answer> => this.#at(MapConnection).ask({ type: "map.leave", to: "char-select" }),
  } satisfies Record<string, () => Promise<Answer>>;

  async go(...steps: readonly Step[]): Promise<void> {
    for (const step of steps) must(await this.steps[step]());
  }

  /** Waits until the character has taken a step of `walk`. The server then has something to save. */
  async hasMoved(): Promise<void> {
    await until(() => this.#hasStepped, { what: `${this.account.name} takes a step` });
  }

  cut(how: Cut): void {
    this.#connection?.[how]();
  }

  async #stepOnWarp(map: MapConnection): Promise<Answer> {
    const from = there(this.#position);
    const warp = warps[from.map as keyof typeof warps];
    // A crowd that enters on one cell is spread over more columns than the warps have.
    const x = Math.min(Math.max(from.x, warpColumns.first), warpColumns.last);
    const off = { x, y: warp.offY };
    const { charId } = there(this.#handedOver);
    let y = from.y;
    let told: Answer | null = null;
    map.on((event) => {
      if (event.type === "actor.moved" && event.charId === charId) y = event.y;
      if (event.type !== "map.hop") return;
      this.#handedOver = { charId, ...event };
      told = wasReached;
    });
    // A character that enters on a warp does not hop. It first has to step off the warp.
    if (y === warp.y) {
      const stepped = await map.ask({ type: "map.walk", ...off });
      if (!stepped.ok) return stepped;
      await until(() => y !== warp.y || !map.isOpen, { what: `${this.account.name} steps off the warp` });
    }
    const walked = await map.ask({ type: "map.walk", x, y: warp.y });
    if (!walked.ok) return told ?? walked;
    // The server does not report a failed hop. But a character cannot walk during a hop. So if the character
    // can walk, the hop failed.
    return until(
      async () => {
        if (told !== null || !map.isOpen) return told ?? refused("disconnected");
        if (y !== warp.y || !(await map.ask({ type: "map.walk", ...off })).ok) return null;
        return refused("stays");
      },
      { what: `${this.account.name} hops, or does not` },
    );
  }

  #learn(answer: Outcome<LoginTicket & { readonly worlds: readonly World[] }, string>): Answer {
    if (!answer.ok) return answer;
    const { accountId, loginId1, loginId2, sex } = answer.value;
    this.#ticket = { accountId, loginId1, loginId2, sex };
    return answer;
  }

  async #reach(
    reaching: Promise<Outcome<LoginConnection | CharConnection | MapConnection, string>>,
  ): Promise<Answer> {
    const reached = await reaching;
    if (!reached.ok) return reached;
    this.#connection = reached.value;
    return wasReached;
  }

  #at<C>(door: new (...args: never[]) => C): C {
    if (this.#connection instanceof door) return this.#connection;
    throw new Error(`${this.account.name} is not at a ${door.name}`);
  }

  #options(): ConnectionOptions {
    this.#connection?.close();
    this.#end = null;
    return {
      connect: this.#cluster.connect,
      clock: systemClock,
      bounds: defaultBounds,
      onEnd: (end) => {
        this.#end = end;
      },
    };
  }
}

/** Both maps have a row of warps, at the edge that leads to the other map. At `offY` there is no warp. */
export const warps = { harbour: { y: 1, offY: 3 }, forest: { y: 62, offY: 60 } };
const warpColumns = { first: 40, last: 43 };

export type Step = keyof Walker["steps"];

/** The steps into the world with a raw password. */
export const wayIn = [
  "reachLogin",
  "logIn",
  "reachChar",
  "enterChar",
  "choose",
  "reachMap",
  "enterMap",
] as const satisfies readonly Step[];

/** The steps into the world with a proof of the password. */
export const provenWayIn: readonly Step[] = wayIn.map((step) => (step === "logIn" ? "prove" : step));

/** Resolves after one turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Goes from the login door into the world. If a refusal gives a time to retry, the walker starts again before
 * that time, which puts more load on the servers. A refusal without a time to retry fails the test.
 */
export async function logInAgain(
  walker: Walker,
  { way = wayIn, beforeEach = () => {} }: { way?: readonly Step[]; beforeEach?: () => void } = {},
): Promise<void> {
  const { name } = walker.account;
  const settled = await until(
    async () => {
      beforeEach();
      const refusal = await tryWay(walker, way);
      if (refusal === null) return "in the world";
      return refusal.retryAfterMs === undefined ? `refused at ${refusal.step}: ${refusal.refusal}` : null;
    },
    { what: `${name} is admitted` },
  );
  if (settled !== "in the world") throw new Error(`${name} was ${settled}`);
}

async function tryWay(walker: Walker, way: readonly Step[]) {
  for (const step of way) {
    const answer = await walker.steps[step]();
    if (!answer.ok) return { step, refusal: answer.refusal, retryAfterMs: answer.retryAfterMs };
  }
  return null;
}

function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("asked before it was there");
  return value;
}
