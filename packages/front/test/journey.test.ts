import { accepted, CharId, type Outcome, refused } from "@sallyport/domain";
import type { CharacterSelect, Client, Game, Refusal } from "@sallyport/sdk";
import { ManualClock, settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { Asked, Done, NotDone } from "../src/asked.ts";
import { Journey } from "../src/journey.ts";
import { alpha } from "./slime-played.ts";

/* What a front does with refusals that pass by themselves. The test plays the servers behind the client of ours. */

type Answer = Outcome<unknown, Refusal>;
type Step = "log-in" | "register" | "enter-world" | "walk";

const logIn: Asked = { type: "log-in", name: "ada", password: "secret1" };
const enterWorld: Asked = { type: "enter-world", world: "Alpha" };
const register: Asked = { type: "register", name: "ada", password: "secret1" };
const steps = { "log-in": logIn, "enter-world": enterWorld, register } as const;
const never = new Promise<never>(() => {});
const loggedIn = accepted({ worlds: [alpha] });

let clock: ManualClock;
let journey: Journey;
/** How each step is answered now, and how often it was asked. */
let answers: { [S in Step]: Answer };
let asked: { [S in Step]: number };
let outcome: Done | NotDone | null;

beforeEach(() => {
  clock = new ManualClock();
  asked = { "log-in": 0, register: 0, "enter-world": 0, walk: 0 };
  outcome = null;
  const on = (step: Step) => async () => {
    asked[step] += 1;
    return answers[step];
  };
  const position = { map: "meadow", x: 1, y: 1 };
  const game = { closed: never, isOpen: true, position, on() {}, walk: on("walk") } as unknown as Game;
  const select = {
    closed: never,
    isOpen: true,
    characters: [],
    slotCount: 9,
    choose: async () => accepted(game),
  };
  answers = {
    ...{ "log-in": loggedIn, register: accepted({}), walk: accepted({}) },
    "enter-world": accepted(select as unknown as CharacterSelect),
  };
  const client = {
    ...{
      clock,
      wallMs: () => 0,
      logIn: on("log-in"),
      register: on("register"),
      enterWorld: on("enter-world"),
    },
  } as unknown as Client;
  journey = new Journey(() => client, { heard() {}, ended() {} });
});

const does = async (step: Asked): Promise<void> => {
  outcome = null;
  void journey.carryOut(step).then((answer) => {
    outcome = answer;
  });
  await settled();
};

describe("a client on its way into the world", () => {
  test("waits until its char-server is linked to another login-server", async () => {
    await does(logIn);
    answers["enter-world"] = refused("unavailable", 1_000);
    const entered = accepted({ closed: never, characters: [], slotCount: 9 });
    await does(enterWorld);
    await clock.advance(7_000);
    expect([outcome, asked["enter-world"]]).toEqual([null, 8]);
    answers["enter-world"] = entered;
    await clock.advance(1_000);
    expect(outcome).toMatchObject({ type: "done", of: "enter-world" });
  });

  test.each([
    ["log-in", "unreachable", undefined],
    ["log-in", "disconnected", undefined],
    ["log-in", "no-world", 1_000],
    ["enter-world", "unreachable", undefined],
    ["enter-world", "disconnected", undefined],
    ["enter-world", "already-online", 1_000],
  ] as const)("asks again if %s is refused as %s", async (step, refusal, retryAfterMs) => {
    if (step === "enter-world") await does(logIn);
    const before = answers[step];
    answers[step] = refused(refusal, retryAfterMs);
    await does(steps[step]);
    answers[step] = before;
    await clock.advance(1_000);
    expect(outcome).toMatchObject({ type: "done", of: step });
  });

  test("is told after ten seconds that the servers do not answer", async () => {
    answers["log-in"] = refused("unreachable");
    await does(logIn);
    await clock.advance(9_999);
    expect(outcome).toBeNull();
    await clock.advance(1);
    expect(outcome).toMatchObject({ type: "refused", refusal: "unreachable" });
    const { "log-in": count } = asked;
    await clock.advance(60_000);
    expect(asked["log-in"]).toBe(count);
  });

  test.each([
    ["log-in", "wrong-name-or-password"],
    ["log-in", "too-many-attempts"],
    // The account may have been made.
    ["register", "disconnected"],
    ["register", "unanswered"],
  ] as const)("asks no more if %s is refused as %s", async (step, refusal) => {
    answers[step] = refused(refusal, 1_000);
    await does(steps[step]);
    expect(outcome).toMatchObject({ type: "refused", refusal });
  });

  test("asks for nothing more, and waits no more, once it has gone", async () => {
    answers["log-in"] = refused("unavailable", 1_000);
    await does(logIn);
    expect(outcome).toBeNull();
    await journey.end();
    await settled();
    expect(outcome).toMatchObject({ type: "refused", refusal: "disconnected" });
    await clock.advance(60_000);
    expect(asked["log-in"]).toBe(1);
  });
});

test("a client on a map is told after three seconds, because its next requests wait", async () => {
  for (const step of [logIn, enterWorld, { type: "choose", charId: CharId(7) }] as const) await does(step);
  expect(outcome).toMatchObject({ type: "done", of: "choose" });
  answers.walk = refused("unavailable", 500);
  await does({ type: "walk", x: 2, y: 2 });
  await clock.advance(2_999);
  expect(outcome).toBeNull();
  await clock.advance(1);
  expect(outcome).toMatchObject({ type: "refused", refusal: "unavailable" });
});
