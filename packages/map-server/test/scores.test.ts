import { accepted, type Outcome, refused, type Score } from "@sallyport/domain";
import { ManualClock, settled, testHost } from "@sallyport/testkit";
import { beforeEach, describe, expect, test } from "vitest";
import { Scores, scoresOfPlayerMax, scoresWaitingMax } from "../src/scores.ts";
import { type Player, unstoredPlayer } from "../src/testing.ts";

type Asked = { readonly charId: number; readonly key: string; readonly score: Score };

/** A char-server with its outbox. It answers as `answer` says. */
class HandMadeCharServer {
  readonly asked: Asked[] = [];
  readonly stored = new Map<string, Score>();
  answer: "ok" | "lost answer" | "unavailable" | "no-link" | "lock-lost" = "ok";

  async submitScore({ charId }: Player, key: string, score: Score) {
    if (this.answer === "no-link") return refused("no-link");
    this.asked.push({ charId, key, score });
    if (this.answer === "lock-lost" || this.answer === "unavailable") return refused(this.answer);
    this.stored.set(key, score);
    return this.answer === "ok" ? accepted({}) : refused("unanswered");
  }
}

let char: HandMadeCharServer;
let clock: ManualClock;
let lines: { readonly about: object; readonly message: string }[];
let scores: Scores;
let players: number;
beforeEach(() => {
  char = new HandMadeCharServer();
  clock = new ManualClock();
  lines = [];
  players = 0;
  const { log } = testHost();
  const warn = (about: object, message: string): void => void lines.push({ about, message });
  scores = new Scores(testHost({ clock, log: { ...log, warn } as typeof log }), char as never);
});

const playing = (): Player => {
  players += 1;
  const position = { map: "meadow", x: 1, y: 1 };
  const loaded = { state: {}, attributes: {} };
  const player = unstoredPlayer({ nth: players, name: `Ann${players}`, position, stored: {}, loaded });
  player.owner = { ...player.owner, state: "playing" } as Player["owner"];
  return player;
};

const leave = (player: Player): void => {
  player.owner = { ...player.owner, state: "gone" } as Player["owner"];
};

const score = (points = 1): Score => ({ board: "Shells", score: points, comment: "" });
const why = () => lines.map(({ about }) => (about as { readonly why: string }).why);

describe("a score", () => {
  test("is sent once if it is answered", async () => {
    scores.submit(playing(), score(7));
    await clock.advance(10_000);
    expect(char.asked).toEqual([
      { charId: 1, key: expect.stringMatching(/^[0-9a-f]{32}$/), score: score(7) },
    ]);
    expect([lines, clock.timerCount]).toEqual([[], 0]);
  });

  test.each(["unavailable", "no-link", "lost answer"] as const)(
    "is sent again under its key while the answer is: %s",
    async (answer) => {
      char.answer = answer;
      scores.submit(playing(), score());
      await clock.advance(120_000);
      char.answer = "ok";
      await clock.advance(1_000);
      expect(char.stored.size).toBe(1);
      const sent = char.asked.length;
      await clock.advance(10_000);
      expect(char.asked).toHaveLength(sent);
      expect(new Set(char.asked.map(({ key }) => key)).size).toBe(1);
      expect(lines).toEqual([]);
    },
  );

  test("whose character has another owner by now is given up, and the log names its board", async () => {
    char.answer = "lock-lost";
    scores.submit(playing(), score());
    await clock.advance(10_000);
    expect(char.asked).toHaveLength(1);
    expect(lines).toMatchObject([
      {
        about: { charId: 1, board: "Shells", why: "lock-lost" },
        message: "a score was not submitted",
      },
    ]);
  });

  test("is sent for half a minute after its player is gone", async () => {
    char.answer = "no-link";
    const player = playing();
    scores.submit(player, score());
    leave(player);
    await clock.advance(29_000);
    expect(lines).toEqual([]);
    await clock.advance(2_000);
    expect(why()).toEqual(["the char-server did not answer"]);
    char.answer = "ok";
    await clock.advance(60_000);
    expect(char.asked).toEqual([]);
  });

  test("has a key that no other score has", async () => {
    const player = playing();
    for (let nth = 0; nth < 10; nth += 1) scores.submit(player, score());
    await settled();
    expect(char.stored.size).toBe(10);
  });
});

describe("while the char-server is away", () => {
  beforeEach(() => {
    char.answer = "no-link";
  });

  test("a bounded number of scores waits, also of one player", async () => {
    const player = playing();
    for (let nth = 0; nth <= scoresOfPlayerMax; nth += 1) scores.submit(player, score(nth));
    expect(why()).toEqual([`${scoresOfPlayerMax} scores of this player wait already`]);
    for (let nth = scoresOfPlayerMax; nth < scoresWaitingMax; nth += 1) scores.submit(playing(), score());
    expect(lines).toHaveLength(1);
    scores.submit(playing(), score());
    expect(why()[1]).toBe(`${scoresWaitingMax} scores wait already`);
    char.answer = "ok";
    await clock.advance(1_000);
    expect(char.stored.size).toBe(scoresWaitingMax);
    scores.submit(player, score());
    await settled();
    expect(char.stored.size).toBe(scoresWaitingMax + 1);
  });

  test("a stop waits five seconds for the scores, and then gives them up", async () => {
    scores.submit(playing(), score());
    let isStopped = false;
    void scores.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(4_900);
    expect(isStopped).toBe(false);
    await clock.advance(1_000);
    expect([isStopped, why()]).toEqual([true, ["this server stopped"]]);
    scores.submit(playing(), score());
    expect(why()).toHaveLength(2);
  });

  test("a stop ends as soon as the scores are stored", async () => {
    scores.submit(playing(), score());
    const stopped = scores.stop();
    char.answer = "ok";
    await clock.advance(1_000);
    await stopped;
    expect([char.stored.size, lines]).toEqual([1, []]);
  });
});

describe("a request that ends the ownership", () => {
  const save = { position: { map: "moor", x: 2, y: 3 }, attributes: {}, saveNumber: 1 };
  let requested: string[];
  const link = {
    enter: async () => refused("unavailable"),
    save: async () => void requested.push("save"),
    hop: async (): Promise<Outcome<never, "map-unavailable">> => {
      requested.push("hop");
      return refused("map-unavailable");
    },
    leave: async () => {
      requested.push("leave");
      return accepted({ isReleased: true });
    },
  };
  const before = () => scores.before(link as never);
  beforeEach(() => {
    requested = [];
  });

  test("goes at once if no score of the player waits", () => {
    const player = playing();
    char.answer = "no-link";
    scores.submit(playing(), score());
    void before().hop(player, save);
    void before().leave(player, "offline", save);
    expect(requested).toEqual(["hop", "leave"]);
  });

  test("waits until the scores of the player are stored", async () => {
    const player = playing();
    char.answer = "unavailable";
    scores.submit(player, score());
    const hopped = before().hop(player, save);
    void before().save(player, save);
    await clock.advance(400);
    expect(requested).toEqual(["save"]);
    char.answer = "ok";
    await clock.advance(200);
    expect(await hopped).toEqual(refused("map-unavailable"));
    expect([requested, char.stored.size]).toEqual([["save", "hop"], 1]);
    expect(clock.timerCount).toBe(0);
  });

  test("waits two seconds at most", async () => {
    const player = playing();
    char.answer = "no-link";
    scores.submit(player, score());
    void before().leave(player, "offline", save);
    await clock.advance(1_900);
    expect(requested).toEqual([]);
    await clock.advance(200);
    expect(requested).toEqual(["leave"]);
  });
});
