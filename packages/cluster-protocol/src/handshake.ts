import { accepted, type Incarnation, type Outcome, type Refused, refused } from "@sallyport/domain";
import type { HandlerAnswer, Handlers, RequestResult } from "@sallyport/link";
import { type MessageOf, type MessageTable, WireError } from "@sallyport/wire";
import { clusterProtocolVersion, type handshake } from "./messages.ts";
import { isSameSecret, linkProof } from "./proof.ts";

type Messages = typeof handshake;

/**
 * What a server gets when it is admitted. The cookie is 32 random bytes. The answering server stores only the
 * hash of the cookie.
 */
export interface Admission {
  readonly incarnation: Incarnation;
  readonly cookie: Uint8Array;
  /** If the admitted server gets no answer for this time, another server may get its locks. */
  readonly reconnectMs: number;
}

export interface Introduced {
  readonly server: string;
  readonly username: string;
}

export interface HandshakeDeps {
  /** Returns null if the username is unknown, or must not be used with this server name. */
  passwordOf(username: string, server: string): string | null;
  randomBytes(count: number): Uint8Array;
  /**
   * Called after the password is proven. Takes the server lock. With a cookie, takes the lock over from the
   * earlier incarnation.
   */
  admit(server: Introduced, cookie: Uint8Array | null): Promise<Outcome<Admission, AdmitRefusal>>;
  reclaimed(): Promise<Outcome<unknown, "unavailable">>;
  leave(): Promise<Outcome<unknown, "unavailable">>;
}

type HandshakeHandlers = {
  readonly [N in keyof Messages]: (message: MessageOf<Messages, N>) => Promise<HandlerAnswer<Messages, N>>;
};

/** `cookie-unknown`: the earlier incarnation of the server has lost all its locks. */
export type AdmitRefusal = "server-lock-exists" | "cookie-unknown" | "unavailable";

type AnsweredRefusal = "version-unsupported" | "wrong-username-or-password" | AdmitRefusal;

/**
 * The answering end of the handshake on one link. Until `isAdmitted` is true, every message other than those
 * of the handshake breaks the protocol.
 */
export class AnsweringHandshake {
  readonly #deps: HandshakeDeps;
  #hello: (Introduced & { connectingNonce: Uint8Array; answeringNonce: Uint8Array }) | null = null;
  #hasProven = false;
  #isAdmitted = false;
  #refusal: AnsweredRefusal | null = null;

  constructor(deps: HandshakeDeps) {
    this.#deps = deps;
  }

  get isAdmitted(): boolean {
    return this.#isAdmitted;
  }

  /** The name and username that the connecting server claims. Null if it has not sent them yet. */
  get claimed(): Introduced | null {
    return this.#hello;
  }

  /** Why the connecting server was refused, or null if it was not refused. */
  get refusal(): AnsweredRefusal | null {
    return this.#refusal;
  }

  readonly handlers: HandshakeHandlers = {
    "link.hello": async (message) => {
      if (this.#hello !== null) throw new WireError("link.hello", "said twice");
      if (message.version !== clusterProtocolVersion) return this.#refuse(refused("version-unsupported"));
      const answeringNonce = this.#deps.randomBytes(32);
      this.#hello = {
        server: message.server,
        username: message.username,
        connectingNonce: message.nonce,
        answeringNonce,
      };
      return accepted({ nonce: answeringNonce });
    },
    "link.prove": async (message) => {
      const hello = this.#hello;
      if (hello === null || this.#hasProven) throw new WireError("link.prove", "out of order");
      // Each link allows only one attempt to prove the password.
      this.#hasProven = true;
      const known = this.#deps.passwordOf(hello.username, hello.server);
      // An unknown username costs the same work as a wrong password, so timing does not reveal it.
      const password = known ?? "";
      const isRight = isSameSecret(linkProof("connecting", { ...hello, password }), message.proof);
      if (known === null || !isRight) return this.#refuse(refused("wrong-username-or-password"));
      const outcome = await this.#deps.admit(hello, message.cookie);
      if (!outcome.ok) return this.#refuse(outcome);
      this.#isAdmitted = true;
      const { incarnation, cookie, reconnectMs } = outcome.value;
      return accepted({
        incarnation,
        cookie,
        reconnectMs,
        proof: linkProof("answering", { ...hello, password }),
      });
    },
    "link.alive": async () => {
      this.#mustBeAdmitted("link.alive");
      return accepted({});
    },
    "link.reclaimed": async () => {
      this.#mustBeAdmitted("link.reclaimed");
      const outcome = await this.#deps.reclaimed();
      return outcome.ok ? accepted({}) : outcome;
    },
    "link.leave": async () => {
      this.#mustBeAdmitted("link.leave");
      const outcome = await this.#deps.leave();
      return outcome.ok ? accepted({}) : outcome;
    },
  };

  #mustBeAdmitted(name: string): void {
    if (!this.isAdmitted) throw new WireError(name, "sent before the handshake was done");
  }

  #refuse<const R extends Refused<AnsweredRefusal>>(refusal: R): R {
    this.#refusal = refusal.refusal;
    return refusal;
  }

  /**
   * The handlers of a whole table: those of the handshake and `others`. Until the connecting server is
   * admitted, `others` throw, which closes the link.
   */
  handlersWith<T extends MessageTable>(others: HandlersBeyond<T>): Handlers<T> {
    const guarded = Object.entries<(message: never) => unknown>(others).map(([name, handle]) => [
      name,
      (message: never) => {
        this.#mustBeAdmitted(name);
        return handle(message);
      },
    ]);
    return { ...this.handlers, ...Object.fromEntries(guarded) } as unknown as Handlers<T>;
  }
}

/** The handlers of a table that begins with the handshake, except those of the handshake. */
export type HandlersBeyond<T extends MessageTable> = Omit<Handlers<T>, keyof Messages>;

/** The part of a link that the handshake needs. */
export interface Asker {
  ask<N extends keyof Messages>(
    message: MessageOf<Messages, N> & { readonly type: N },
    ttlMs: number,
  ): Promise<RequestResult<Messages, N>>;
}

export type IntroduceRefusal = AnsweredRefusal | "unanswered" | "not-genuine";

export interface Credentials {
  readonly server: string;
  readonly username: string;
  readonly password: string;
  /** The cookie from the last admission. It proves that this is the same server. */
  readonly cookie?: Uint8Array | null;
}

/** The connecting end of the handshake. `not-genuine`: the answering server does not know the password. */
export async function introduce(
  link: Asker,
  credentials: Credentials,
  randomBytes: (count: number) => Uint8Array,
  ttlMs: number,
): Promise<Outcome<Admission, IntroduceRefusal>> {
  const { server, username, password, cookie = null } = credentials;
  const connectingNonce = randomBytes(32);
  const hello = await link.ask(
    { type: "link.hello", version: clusterProtocolVersion, server, username, nonce: connectingNonce },
    ttlMs,
  );
  if (!hello.ok) return hello;
  const input = { password, server, connectingNonce, answeringNonce: hello.value.nonce };
  const proof = linkProof("connecting", input);
  const proven = await link.ask({ type: "link.prove", proof, cookie }, ttlMs);
  if (!proven.ok) return proven;
  if (!isSameSecret(linkProof("answering", input), proven.value.proof)) return refused("not-genuine");
  const { proof: _, ...admission } = proven.value;
  return accepted(admission);
}
