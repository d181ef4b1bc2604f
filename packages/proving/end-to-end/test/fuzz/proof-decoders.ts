import { isDeepStrictEqual } from "node:util";
import { authMessage, clientProof, credentialOf, verifyProof } from "@sallyport/authentication";
import {
  AnsweringHandshake,
  type Asker,
  charToLogin,
  clusterProtocolVersion,
  handshake,
  introduce,
  isSameSecret,
  linkProof,
} from "@sallyport/cluster-protocol";
import { accepted, Incarnation, refused } from "@sallyport/domain";
import type { Handlers } from "@sallyport/link";
import { arbitraryMessage, arbitraryReply } from "@sallyport/testkit";
import { WireError } from "@sallyport/wire";
import fc from "fast-check";
import type { Decoder } from "./decoder.ts";
import { spoiledBytes } from "./spoil.ts";

/* Tests that a peer without the secret is never admitted, whatever it sends and in whatever order. */

const password = "the password of the link";
const known = { server: "alpha", username: "alpha" };
const recordedNonce = new Uint8Array(32).fill(1);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

const { "link.hello": _hello, "link.prove": _prove, "link.leave": _leave, ...others } = charToLogin;

type Proof = "right" | "of another password" | "reflected" | "recorded" | Uint8Array;
type Step =
  | {
      readonly say: "hello";
      readonly as: { server: string; username: string };
      readonly nonce: Uint8Array;
      readonly version: number;
    }
  | { readonly say: "prove"; readonly proof: Proof }
  | { readonly say: "leave" }
  | { readonly say: "other"; readonly message: { readonly type: string } };

const anyHello = fc.record({
  say: fc.constant("hello" as const),
  as: fc.oneof(
    { weight: 5, arbitrary: fc.constant(known) },
    { weight: 1, arbitrary: fc.record({ server: fc.string(), username: fc.string() }) },
  ),
  nonce: fc.oneof(bytes32, fc.constant(recordedNonce)),
  version: fc.oneof({ weight: 5, arbitrary: fc.constant(clusterProtocolVersion) }, fc.nat(0xffff)),
});
const anyProof = fc.record({
  say: fc.constant("prove" as const),
  proof: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom<Proof>("right", "of another password", "reflected", "recorded") },
    bytes32,
  ),
});
const anyStep = fc.oneof(
  { weight: 4, arbitrary: anyHello },
  { weight: 5, arbitrary: anyProof },
  { weight: 1, arbitrary: fc.constant({ say: "leave" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ say: fc.constant("other" as const), message: arbitraryMessage(others) }),
  },
);
/** These steps begin correctly more often than random steps do. */
const anySteps = fc.oneof(
  fc.array(anyStep, { maxLength: 5 }),
  fc
    .tuple(anyHello, anyProof, fc.array(anyStep, { maxLength: 3 }))
    .map(([hello, proof, more]) => [hello, proof, ...more]),
) as fc.Arbitrary<Step[]>;

const answeringNonce = new Uint8Array(32).fill(7);

/** A recorded successful handshake. */
const recorded = linkProof("connecting", {
  ...known,
  password,
  connectingNonce: recordedNonce,
  answeringNonce: new Uint8Array(32).fill(2),
});

const answering: Decoder = {
  name: "handshake answering",
  property: (tally) =>
    fc.asyncProperty(anySteps, async (steps) => {
      let admissions = 0;
      const handshakeOf = new AnsweringHandshake({
        passwordOf: (username, server) =>
          username === known.username && server === known.server ? password : null,
        randomBytes: () => answeringNonce,
        admit: async () => {
          admissions += 1;
          return accepted({ incarnation: Incarnation("one"), cookie: new Uint8Array(32), reconnectMs: 1 });
        },
        reclaimed: async () => accepted({}),
        leave: async () => accepted({}),
      });
      const passed = Object.fromEntries(
        Object.keys(others).map((name) => [name, async () => refused("unavailable")]),
      );
      const handlers = handshakeOf.handlersWith<typeof charToLogin>(
        passed as unknown as Omit<Handlers<typeof charToLogin>, keyof typeof handshake>,
      );
      let hello: Extract<Step, { say: "hello" }> | null = null;
      let mayBeIn = false;
      let hasProven = false;
      let cut = false;
      for (const step of steps) {
        const deserved = step.say === "prove" && step.proof === "right" && !hasProven && hello?.as === known;
        try {
          await handlers[typeOf(step)](messageOf(step, hello) as never);
        } catch (error) {
          if (!(error instanceof WireError)) throw new Error("not a WireError", { cause: error });
          cut = true;
        }
        if (cut) break;
        if (step.say === "hello" && step.version === clusterProtocolVersion) hello ??= step;
        if (step.say === "prove") hasProven = true;
        mayBeIn ||= deserved;
        if (step.say === "other" && !mayBeIn) throw new Error("heard before it was let in");
        if (handshakeOf.isAdmitted !== mayBeIn) throw new Error(`admitted: ${handshakeOf.isAdmitted}`);
      }
      if (admissions > 1) throw new Error("let in twice");
      if (cut) tally.refused += 1;
      else tally.taken += 1;
    }),
};

const typeOf = (step: Step): keyof typeof charToLogin =>
  step.say === "other" ? (step.message.type as keyof typeof charToLogin) : `link.${step.say}`;

function messageOf(step: Step, hello: Extract<Step, { say: "hello" }> | null): object {
  switch (step.say) {
    case "hello":
      return { type: "link.hello", ...step.as, nonce: step.nonce, version: step.version };
    case "prove":
      return { type: "link.prove", proof: proofOf(step.proof, hello), cookie: null };
    case "leave":
      return { type: "link.leave" };
    case "other":
      return step.message;
  }
}

function proofOf(proof: Proof, hello: Extract<Step, { say: "hello" }> | null): Uint8Array {
  if (proof instanceof Uint8Array) return proof;
  if (proof === "recorded") return recorded;
  const input = {
    server: hello?.as.server ?? known.server,
    connectingNonce: hello?.nonce ?? new Uint8Array(32),
    answeringNonce,
    password: proof === "of another password" ? "guessed" : password,
  };
  return linkProof(proof === "reflected" ? "answering" : "connecting", input);
}

const connecting: Decoder = {
  name: "handshake connecting",
  property: (tally) =>
    fc.asyncProperty(
      arbitraryReply(handshake, "link.hello"),
      arbitraryReply(handshake, "link.prove"),
      fc.constantFrom("genuine", "reflected", "guessed", "anything"),
      async (hello, proven, how) => {
        const connectingNonce = new Uint8Array(32).fill(3);
        const input = { ...known, password, connectingNonce, answeringNonce: hello.nonce };
        const proofs = {
          genuine: linkProof("answering", input),
          reflected: linkProof("connecting", input),
          guessed: linkProof("answering", { ...input, password: "guessed" }),
          anything: proven.proof,
        };
        const replies = [hello, { ...proven, proof: proofs[how] }];
        const asker = { ask: async () => accepted(replies.shift()) } as unknown as Asker;
        const introduced = await introduce(asker, { ...known, password }, () => connectingNonce, 1_000);
        if (introduced.ok !== (how === "genuine")) throw new Error(`let itself in by a proof that is ${how}`);
        if (introduced.ok) tally.taken += 1;
        else tally.refused += 1;
      },
    ),
};

const login: Decoder = {
  name: "login proof",
  property: (tally) => {
    const salted = bytes32;
    return fc.property(
      salted,
      fc.string(),
      bytes32,
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      spoiledBytes(fc.constant(new Uint8Array(32))),
      (saltedPassword, name, nonce, salt, changes) => {
        const credential = credentialOf(saltedPassword, salt, {
          memoryKib: 8,
          iterations: 1,
          parallelism: 1,
        });
        const message = authMessage({ name, nonce, clientNonce: nonce, salt });
        const right = new Uint8Array(clientProof(saltedPassword, message));
        const proof = Uint8Array.from(changes, (change, index) => (right[index] ?? 0) ^ change);
        const verified = verifyProof(credential, proof, message);
        if ((verified !== null) !== isSameSecret(proof, right)) throw new Error("a proof that is not right");
        if (verified === null) tally.refused += 1;
        else tally.taken += 1;
        if (verified !== null && isDeepStrictEqual(verified.serverSignature, right))
          throw new Error("told its own");
      },
    );
  },
};

export const proofDecoders: readonly Decoder[] = [answering, connecting, login];
