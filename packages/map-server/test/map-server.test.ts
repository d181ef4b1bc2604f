import {
  mapDoorEvents,
  mapDoorMessages,
  nativeClientLimits,
  nativeHeartbeat,
  plainIntroduction,
} from "@sallyport/dialects/native";
import { accepted, type KickReason, type LoginId, plainStanding } from "@sallyport/domain";
import { type Handlers, Link, memoryChannelPair } from "@sallyport/link";
import { parseTextMap } from "@sallyport/map-files";
import { closesWithinMs, defaultClientBounds, tickMs } from "@sallyport/server-kit";
import { testHost } from "@sallyport/testkit";
import { MessageCodec } from "@sallyport/wire";
import { beforeEach, expect, test } from "vitest";
import { createMapServer, type MapServer } from "../src/index.ts";
import { CharLinkScene, of, ofLogin } from "./char-link-scene.ts";

/** These tests run a whole map-server with one player. The test controls the client and the char-server. */

const rows = new Array<string>(8).fill(".".repeat(8)).join("\n");
const harbour = parseTextMap(`name: harbour\nspawn: 1,1\n\n${rows}`, "harbour.map");

let scene: CharLinkScene;
let server: MapServer;
let kickedFor: KickReason | null;
let hasEnded: boolean;

beforeEach(async () => {
  scene = new CharLinkScene();
  kickedFor = null;
  hasEnded = false;
  const { clock } = scene;
  server = createMapServer(testHost({ clock }), {
    maps: new Map([["harbour", harbour]]),
    connectChar: scene.connect,
    credentials: { server: "map-1", username: "alpha", password: "right" },
    address: { host: "127.0.0.1", port: 7300, wsUrl: null, otherDoors: [], near: [] },
    playersMax: 50,
    stepMs: 100,
    viewCells: 5,
    autosaveMs: 60_000,
    clientBounds: defaultClientBounds,
  });
  void server.start();
  await clock.advance(100);
  const character = { name: "alice", slot: 0, looks: { hairStyle: 4, hairColour: 2 }, attributes: "{}" };
  const position = { map: "harbour", x: 2, y: 2 };
  const handed = { ...of, ...ofLogin, ...character, position, waitMs: 30_000, ...plainStanding };
  const expected = scene.links[0]?.ask({ type: "character.expect", ...handed }, 3_000);
  await clock.advance(0);
  expect(await expected).toEqual(accepted({}));
  expect(await enter()).toMatchObject({ ok: true });
});

async function enter(loginId1 = ofLogin.loginId1) {
  const [near, far] = memoryChannelPair(["client", "map-1"]);
  const deaf = Object.fromEntries(Object.keys(mapDoorEvents).map((name) => [name, () => {}]));
  const client = new Link<typeof mapDoorMessages, typeof mapDoorEvents>({
    channel: near,
    sends: new MessageCodec(mapDoorMessages),
    receives: new MessageCodec(mapDoorEvents),
    handlers: {
      ...(deaf as unknown as Handlers<typeof mapDoorEvents>),
      "client.kicked": ({ reason }) => {
        kickedFor = reason;
      },
    },
    clock: scene.clock,
    limits: { ...nativeClientLimits, outputBytesMax: 1 << 20, requestsPauseAt: 1 },
    heartbeat: nativeHeartbeat,
    events: {
      closed: () => {
        hasEnded = true;
      },
    },
  });
  server.acceptClient(far);
  client.notify({ type: "client.hello", ...plainIntroduction });
  const { accountId, charId } = of;
  const { sex } = ofLogin;
  const entered = client.ask({ type: "map.enter", accountId, charId, loginId1, sex }, 3_000);
  await scene.clock.advance(0);
  return entered;
}

test("a client that may not enter is disconnected, even if it stays", async () => {
  expect(await enter((ofLogin.loginId1 + 1) as LoginId)).toMatchObject({ refusal: "not-expected" });
  expect(hasEnded).toBe(false);
  await scene.clock.advance(closesWithinMs + tickMs);
  expect([hasEnded, server.playerCount]).toEqual([true, 1]);
});

test("a player under a link that was given up is disconnected at once, and is not saved", async () => {
  expect(server.playerCount).toBe(1);
  scene.isCookieKnown = false;
  scene.near.destroy();
  await scene.clock.advance(2_000);
  expect([kickedFor, server.playerCount]).toEqual(["cluster-link-lost", 0]);
  expect([scene.left, scene.saved]).toEqual([[], []]);
});

test("a map-server that stops keeps its link until all players are saved and have left", async () => {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  scene.leaveAnswers = [answered.then(() => accepted({ isReleased: true })) as never];
  let hasStopped = false;
  void server.stop().then(() => {
    hasStopped = true;
  });
  await scene.clock.advance(1_000);
  expect([hasStopped, scene.left.length, scene.closed]).toEqual([false, 1, []]);
  answer();
  await scene.clock.advance(0);
  expect([hasStopped, kickedFor, server.charIds]).toEqual([true, "server-stopping", []]);
});
