import { createHmac } from "node:crypto";
import { accepted, Incarnation, refused } from "@sallyport/domain";
import type { RequestResult } from "@sallyport/link";
import { WireError } from "@sallyport/wire";
import { describe, expect, test } from "vitest";
import {
  AnsweringHandshake,
  type Asker,
  type Credentials,
  clusterProtocolVersion,
  type HandshakeDeps,
  hashCookie,
  type Introduced,
  introduce,
  isKnownCookie,
  linkProof,
} from "../src/index.ts";

const admission = {
  incarnation: Incarnation("0011223344556677"),
  cookie: new Uint8Array(32).fill(7),
  reconnectMs: 15_000,
};
const credentials = { server: "map-1", username: "alpha", password: "right" };

let drawn = 0;
/** Returns different bytes at each call, like the real function. */
const randomBytes = (count: number): Uint8Array => {
  drawn += 1;
  return new Uint8Array(count).fill(drawn);
};

function answering(overrides: Partial<HandshakeDeps> = {}) {
  const admitted: (Introduced & { readonly with: Uint8Array | null })[] = [];
  const handshake = new AnsweringHandshake({
    passwordOf: (username) => (username === "alpha" ? "right" : null),
    randomBytes,
    admit: async (server, cookie) => {
      admitted.push({ ...server, with: cookie });
      return accepted(admission);
    },
    reclaimed: async () => accepted({}),
    leave: async () => accepted({}),
    ...overrides,
  });
  return { handshake, admitted };
}

/** Asks the other end without a link, by a direct call of its handlers. */
function askerOf(handshake: AnsweringHandshake): Asker {
  const handlers = handshake.handlers as Record<string, (message: never) => Promise<unknown>>;
  return {
    ask: async (message) => (await handlers[message.type]?.(message as never)) as RequestResult<never, never>,
  } as Asker;
}

const introduceAs = (handshake: AnsweringHandshake, as: Credentials = credentials) =>
  introduce(askerOf(handshake), as, randomBytes, 1_000);

describe("a server", () => {
  test("that knows the password is admitted under its name, with incarnation and cookie", async () => {
    const { handshake, admitted } = answering();
    expect(handshake.isAdmitted).toBe(false);
    expect(await introduceAs(handshake)).toEqual(accepted(admission));
    expect(handshake.isAdmitted).toBe(true);
    expect(admitted).toMatchObject([{ server: "map-1", username: "alpha", with: null }]);
  });

  test("that has a cookie shows it after it has proven its password", async () => {
    const { handshake, admitted } = answering();
    const cookie = new Uint8Array(32).fill(9);
    await introduceAs(handshake, { ...credentials, cookie });
    expect(admitted).toMatchObject([{ server: "map-1", with: cookie }]);
    const other = answering();
    await introduceAs(other.handshake, { ...credentials, password: "wrong", cookie });
    expect(other.admitted).toEqual([]);
  });

  test("is told that its cookie is no longer known", async () => {
    const { handshake } = answering({ admit: async () => refused("cookie-unknown") });
    expect(await introduceAs(handshake)).toEqual(refused("cookie-unknown"));
    expect(handshake.refusal).toBe("cookie-unknown");
  });

  test("that is admitted is alive, reclaims and leaves", async () => {
    const said: string[] = [];
    const { handshake } = answering({
      reclaimed: async () => {
        said.push("reclaimed");
        return refused("unavailable");
      },
      leave: async () => {
        said.push("leave");
        return accepted({});
      },
    });
    await introduceAs(handshake);
    expect(await handshake.handlers["link.alive"]({ type: "link.alive" })).toEqual(accepted({}));
    const reclaimed = await handshake.handlers["link.reclaimed"]({ type: "link.reclaimed" });
    expect(reclaimed).toEqual(refused("unavailable"));
    expect(await handshake.handlers["link.leave"]({ type: "link.leave" })).toEqual(accepted({}));
    expect(said).toEqual(["reclaimed", "leave"]);
  });

  test.each([
    ["with a wrong password", { ...credentials, password: "wrong" }],
    ["with an unknown username", { ...credentials, username: "beta" }],
    ["with an unknown username and no password", { ...credentials, username: "beta", password: "" }],
  ])("%s is refused in the same words, and no server lock is requested", async (_, as) => {
    const { handshake, admitted } = answering();
    expect(await introduceAs(handshake, as)).toEqual(refused("wrong-username-or-password"));
    expect(handshake.isAdmitted).toBe(false);
    expect(admitted).toEqual([]);
  });

  test("of another protocol version is refused before it has to prove anything", async () => {
    const { handshake } = answering();
    const hello = { server: "map-1", username: "alpha", nonce: new Uint8Array(32) };
    const version = clusterProtocolVersion + 1;
    expect(await handshake.handlers["link.hello"]({ type: "link.hello", version, ...hello })).toEqual(
      refused("version-unsupported"),
    );
  });

  test("is told that its server lock exists, and how long to wait", async () => {
    const { handshake } = answering({ admit: async () => refused("server-lock-exists", 4_000) });
    expect(await introduceAs(handshake)).toEqual(refused("server-lock-exists", 4_000));
    expect(handshake.isAdmitted).toBe(false);
  });

  test("leaves if the other end cannot prove that it knows the password too", async () => {
    const { handshake } = answering();
    const honest = askerOf(handshake);
    const impostor = {
      ask: async (message: never, ttlMs: number) => {
        const asked = (await honest.ask(message, ttlMs)) as { ok: boolean; value: Record<string, unknown> };
        return asked.ok && "proof" in asked.value
          ? { ok: true, value: { ...asked.value, proof: new Uint8Array(32) } }
          : asked;
      },
    } as unknown as Asker;
    expect(await introduce(impostor, credentials, randomBytes, 1_000)).toEqual(refused("not-genuine"));
  });
});

describe("a proof", () => {
  const nonces = { connectingNonce: new Uint8Array(32).fill(1), answeringNonce: new Uint8Array(32).fill(2) };

  test("is the documented one", () => {
    const expected = createHmac("sha256", "right")
      .update(Buffer.concat([Buffer.from("sallyport-link-1 connecting\0"), nonces.connectingNonce]))
      .update(Buffer.concat([nonces.answeringNonce, Buffer.from("map-1")]))
      .digest();
    expect(linkProof("connecting", { ...nonces, password: "right", server: "map-1" })).toEqual(expected);
  });

  test("for one end, name, password and nonce is of no use for another", () => {
    const input = { ...nonces, password: "right", server: "map-1" };
    const proofs = [
      linkProof("connecting", input),
      linkProof("answering", input),
      linkProof("connecting", { ...input, server: "map-2" }),
      linkProof("connecting", { ...input, password: "left" }),
      linkProof("connecting", { ...input, answeringNonce: new Uint8Array(32) }),
      linkProof("connecting", { ...input, connectingNonce: new Uint8Array(32) }),
    ];
    expect(new Set(proofs.map((proof) => Buffer.from(proof).toString("hex"))).size).toBe(proofs.length);
  });

  test("seen on one link is refused on the next", async () => {
    const seen: Uint8Array[] = [];
    const first = answering().handshake;
    const spied = askerOf(first);
    await introduce(
      {
        ask: async (message: { type: string; proof?: Uint8Array }, ttlMs: number) => {
          if (message.proof !== undefined) seen.push(message.proof);
          return spied.ask(message as never, ttlMs);
        },
      } as unknown as Asker,
      credentials,
      randomBytes,
      1_000,
    );
    const { handshake } = answering();
    const nonce = new Uint8Array(32);
    const hello = { type: "link.hello", version: clusterProtocolVersion, nonce, ...credentials } as const;
    await handshake.handlers["link.hello"](hello);
    const replayed = { type: "link.prove", proof: seen[0] ?? new Uint8Array(32), cookie: null } as const;
    expect(await handshake.handlers["link.prove"](replayed)).toEqual(refused("wrong-username-or-password"));
  });
});

describe("nonsense that ends the link is", () => {
  const proof = { type: "link.prove", proof: new Uint8Array(32), cookie: null } as const;

  test("a proof before the hello", async () => {
    const { handshake } = answering();
    await expect(handshake.handlers["link.prove"](proof)).rejects.toThrow(WireError);
  });

  test("a second hello", async () => {
    const { handshake } = answering();
    const nonce = new Uint8Array(32);
    const hello = { type: "link.hello", version: clusterProtocolVersion, nonce, ...credentials } as const;
    await handshake.handlers["link.hello"](hello);
    await expect(handshake.handlers["link.hello"](hello)).rejects.toThrow(WireError);
  });

  test("a second guess at the password", async () => {
    const { handshake } = answering();
    await introduceAs(handshake, { ...credentials, password: "wrong" });
    await expect(handshake.handlers["link.prove"](proof)).rejects.toThrow(WireError);
  });

  test.each(["link.leave", "link.alive", "link.reclaimed"] as const)(
    "%s before being admitted",
    async (type) => {
      const { handshake } = answering();
      const handle = handshake.handlers[type] as (message: object) => Promise<unknown>;
      await expect(handle({ type })).rejects.toThrow(WireError);
    },
  );

  test("any other message before being admitted", async () => {
    const { handshake } = answering();
    const handlers = handshake.handlersWith({
      "account.hold": async () => accepted({}),
    } as never) as unknown as {
      "account.hold": (message: object) => Promise<unknown>;
    };
    expect(() => handlers["account.hold"]({})).toThrow(WireError);
    await introduceAs(handshake);
    expect(await handlers["account.hold"]({})).toEqual(accepted({}));
  });
});

describe("a cookie", () => {
  const cookie = new Uint8Array(32).fill(5);
  const other = new Uint8Array(32).fill(6);

  test("is recognised by any of the hashes, and by nothing else", () => {
    expect(isKnownCookie(cookie, [hashCookie(cookie), undefined])).toBe(true);
    expect(isKnownCookie(cookie, [hashCookie(other), hashCookie(cookie)])).toBe(true);
    expect(isKnownCookie(cookie, [hashCookie(other), undefined])).toBe(false);
    expect(isKnownCookie(cookie, [undefined, undefined])).toBe(false);
  });
});
