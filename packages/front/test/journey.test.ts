import { accepted, CharId, type Outcome, refused } from "@sallyport/domain";
import type { CharacterSelect, Client, Game, Refusal } from "@sallyport/sdk";
import { ManualClock, settled } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import type { Asked, Done, NotDone } from "../src/asked.ts";
import { Journey } from "../src/journey.ts";
import { alpha } from "./slime-played.ts";

/* What a front does with refusals that pass by themselves. The test plays the servers behind the client of ours. */

type Answer = Outcome<unknown, Refusal>;
type Step = "log-in" | "register" | "enter-world" | "choose" | "walk" | "leave";

const logIn: Asked = { type: "log-in", name: "ada", password: "secret1" };
const enterWorld: Asked = { type: "enter-world", world: "Alpha" };
const register: Asked = { type: "register", name: "ada", password: "secret1" };
const steps = { "log-in": logIn, "enter-world": enterWorld, register } as const;
const never = new Promise<never>(() => {});
const loggedIn = accepted({ worlds: [alpha] });

let clock: ManualClock;
let journey: Journey;
/** How each step is answered now, and how often it was asked. */
let answers: { [S in Step]: Answer | Promise<Answer> };
let asked: { [S in Step]: number };
let outcome: Done | NotDone | null;

beforeEach(() => {
  clock = new ManualClock();
  asked = { "log-in": 0, register: 0, "enter-world": 0, choose: 0, walk: 0, leave: 0 };
  outcome = null;
  const on = (step: Step) => async () => {
    asked[step] += 1;
    return answers[step];
  };
  const position = { map: "meadow", x: 1, y: 1 };
  const game = {
    ...{ closed: never, isOpen: true, position, on() {}, walk: on("walk"), leave: on("leave") },
  } as unknown as Game;
  const select = {
    ...{ closed: never, isOpen: true, characters: [], slotCount: 9, choose: on("choose"), leave() {} },
  };
  answers = {
    ...{ "log-in": loggedIn, register: accepted({}), walk: accepted({}), leave: accepted({}) },
    choose: accepted(game),
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

  test("waits for none of several requests once it has gone", async () => {
    const answered: (Done | NotDone)[] = [];
    answers["log-in"] = refused("unavailable", 1_000);
    answers.register = refused("unavailable", 1_000);
    for (const step of [logIn, register]) void journey.carryOut(step).then((answer) => answered.push(answer));
    await settled();
    await journey.end();
    await settled();
    expect(answered).toMatchObject([{ refusal: "disconnected" }, { refusal: "disconnected" }]);
  });
});

const choose: Asked = { type: "choose", charId: CharId(7) };

test("a client on a map is told after three seconds, because its next requests wait", async () => {
  for (const step of [logIn, enterWorld, choose]) await does(step);
  expect(outcome).toMatchObject({ type: "done", of: "choose" });
  answers.walk = refused("unavailable", 500);
  await does({ type: "walk", x: 2, y: 2 });
  await clock.advance(2_999);
  expect(outcome).toBeNull();
  await clock.advance(1);
  expect(outcome).toMatchObject({ type: "refused", refusal: "unavailable" });
});

describe("the end of a journey waits until the character is saved", () => {
  let saved: (answer: Answer) => void;
  beforeEach(async () => {
    answers.leave = new Promise((resolve) => {
      saved = resolve;
    });
    for (const step of [logIn, enterWorld]) await does(step);
  });

  async function ends(meanwhile: () => void = () => {}): Promise<void> {
    let hasEnded = false;
    void journey.end().then(() => {
      hasEnded = true;
    });
    await settled();
    expect(hasEnded).toBe(false);
    meanwhile();
    await settled();
    expect([hasEnded, asked.leave]).toEqual([false, 1]);
    saved(accepted({}));
    await settled();
    expect(hasEnded).toBe(true);
  }

  test("if it plays", async () => {
    await does(choose);
    await ends();
  });

  test("if it was leaving already", async () => {
    await does(choose);
    await does({ type: "leave" });
    await ends();
  });

  test("if it was still on its way to the map", async () => {
    const game = answers.choose;
    let enters: (answer: Answer | Promise<Answer>) => void = () => {};
    answers.choose = new Promise((resolve) => {
      enters = resolve;
    });
    await does(choose);
    await ends(() => enters(game));
  });
});
