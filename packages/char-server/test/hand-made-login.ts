import type { Clock } from "@sallyport/clock";
import { AnsweringHandshake, charToLogin, loginToChar } from "@sallyport/cluster-protocol";
import {
  AccountId,
  accepted,
  Fence,
  Incarnation,
  LoginId,
  type LoginTicket,
  refused,
} from "@sallyport/domain";
import {
  type ByteChannel,
  type HandlerAnswer,
  interServerHeartbeat,
  interServerLimits,
  Link,
  memoryChannelPair,
} from "@sallyport/link";
import { MessageCodec, type MessageOf } from "@sallyport/wire";

type Sent = typeof charToLogin;
type Answer<N extends keyof Sent & (`account.${string}` | `announcement.${string}`)> =
  | HandlerAnswer<Sent, N>
  | Promise<HandlerAnswer<Sent, N>>;
type RequestResult = MessageOf<Sent> & { readonly type: `account.${string}` | `announcement.${string}` };
export type HeldAccount = MessageOf<Sent, "account.reclaim">["accounts"][number];

const randomBytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

/** Returns the ticket of one login of the account. A login with a higher number is newer. */
export const ticketOf = (account: number, login = 1): LoginTicket => ({
  accountId: AccountId(account),
  loginId1: LoginId(account * 100 + login * 10 + 1),
  loginId2: LoginId(account * 100 + login * 10 + 2),
  sex: "female",
});

/**
 * Stands in for the login-server. It admits the char-server and answers yes, unless the test changes an
 * answer.
 */
export class HandMadeLogin {
  readonly #clock: Clock;
  /** These are the login-server's ends of all links. The newest is the last. */
  readonly links: Link<typeof loginToChar, Sent>[] = [];
  #near: ByteChannel | null = null;
  isUnreachable = false;
  isCookieKnown = true;
  /** These are the requests about accounts that the char-server has sent. */
  readonly asked: RequestResult[] = [];
  /** Records how links ended. A char-server that releases its server lock causes `leave` before `closed`. */
  readonly ends: ("leave" | "closed")[] = [];
  hold: (of: LoginTicket) => Answer<"account.hold"> = () =>
    accepted({ accountFence: Fence(1), trace: "trace" });
  release: () => Answer<"account.release"> = () => accepted({});
  operate: (accountId: AccountId) => Answer<"account.operate"> = () => refused("no-such-account");
  /** The char-server owned these accounts in its earlier incarnations. */
  owned: readonly HeldAccount[] = [];
  reclaim: (accounts: readonly HeldAccount[]) => Answer<"account.reclaim"> = () => accepted({ lost: [] });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly connect = async (): Promise<ByteChannel> => {
    if (this.isUnreachable) throw new Error("connection refused");
    const [near, far] = memoryChannelPair(["alpha", "login"]);
    this.links.push(this.#answering(far));
    this.#near = near;
    return near;
  };

  cut(): void {
    this.#near?.destroy();
  }

  all<N extends RequestResult["type"]>(type: N): readonly MessageOf<Sent, N>[] {
    return this.asked.filter((each) => each.type === type) as unknown as readonly MessageOf<Sent, N>[];
  }

  #answering(channel: ByteChannel): Link<typeof loginToChar, Sent> {
    const handshake = new AnsweringHandshake({
      passwordOf: () => "right",
      randomBytes,
      admit: async (_server, cookie) => {
        if (cookie !== null && !this.isCookieKnown) return refused("cookie-unknown");
        const incarnation = Incarnation("0011223344556677");
        return accepted({ incarnation, cookie: randomBytes(32), reconnectMs: 15_000 });
      },
      reclaimed: async () => accepted({}),
      leave: async () => {
        this.ends.push("leave");
        return accepted({});
      },
    });
    return new Link<typeof loginToChar, Sent>({
      channel,
      sends: new MessageCodec(loginToChar),
      receives: new MessageCodec(charToLogin),
      handlers: handshake.handlersWith<Sent>({
        "world.announce": async () => accepted({}),
        "world.status": () => {},
        "account.hold": async (message) => {
          this.asked.push(message as RequestResult);
          return this.hold(message);
        },
        "account.release": async (message) => {
          this.asked.push(message as RequestResult);
          return this.release();
        },
        "announcement.everywhere": async (message) => {
          this.asked.push(message as RequestResult);
          return accepted({});
        },
        "account.operate": async (message) => {
          this.asked.push(message as RequestResult);
          return this.operate(message.accountId);
        },
        "account.owned": async () => accepted({ accounts: [...this.owned], next: null }),
        "account.reclaim": async (message) => {
          this.asked.push(message as RequestResult);
          return this.reclaim(message.accounts);
        },
      }),
      clock: this.#clock,
      limits: interServerLimits,
      heartbeat: interServerHeartbeat,
      events: { closed: () => void this.ends.push("closed") },
    });
  }
}
