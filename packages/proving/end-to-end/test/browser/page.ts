import {
  type Client,
  createClient,
  type Game,
  type GameEvent,
  type NameAndPassword,
  transportTo,
} from "@sallyport/sdk/browser";

/*
 * The page runs this script, which goes a player's whole way, like a game. The bundle contains only the
 * script and the SDK.
 */

export interface HopReport {
  readonly userAgent: string;
  readonly worlds: readonly string[];
  readonly entered: readonly string[];
  readonly walkedTo: { readonly x: number; readonly y: number };
  readonly heard: string;
  readonly savedAt: { readonly x: number; readonly y: number };
  readonly ends: readonly string[];
}

function must<Value>(outcome: { ok: true; value: Value } | { ok: false; refusal: string }): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal}`);
  return outcome.value;
}

const eventOf = <T extends GameEvent["type"]>(
  game: Game,
  type: T,
  isIt: (event: Extract<GameEvent, { type: T }>) => boolean,
): Promise<Extract<GameEvent, { type: T }>> =>
  new Promise((resolve) => {
    const stop = game.on((event) => {
      if (event.type !== type || !isIt(event as never)) return;
      queueMicrotask(() => stop());
      resolve(event as never);
    });
  });

async function characterSelect(client: Client, account: NameAndPassword, way: "raw" | "hashed") {
  const { worlds } = must(await client.logIn({ ...account, way }));
  const [world] = worlds;
  if (world === undefined) throw new Error("no world");
  return { worlds, select: must(await client.enterWorld(world)) };
}

async function wholeHop(loginUrl: string, account: NameAndPassword): Promise<HopReport> {
  const ends: string[] = [];
  const client = createClient({
    ...transportTo(loginUrl),
    onConnectionEnd: (door, { reason }) => ends.push(`${door}: ${reason}`),
    onUnreachable: (door, why) => ends.push(`${door}: unreachable, ${why}`),
  });
  must(await client.register({ ...account, sex: "female" }));
  const first = await characterSelect(client, account, "raw");
  const { charId } = must(await first.select.create({ slot: 0, name: account.name }));
  const game = must(await first.select.choose(charId));
  const entered = [game.place.position.map];

  const { x, y } = game.position;
  const arrived = eventOf(game, "actor.moved", (event) => event.charId === charId && event.x === x + 3);
  must(await game.walk(x + 3, y));
  await arrived;
  const echo = eventOf(game, "actor.said", () => true);
  must(await game.say("hello from a browser"));
  const { text } = await echo;

  const back = must(await game.backToCharSelect());
  const again = must(await back.choose(charId));
  entered.push(again.place.position.map);
  must(await again.leave());

  const last = await characterSelect(client, account, "hashed");
  const [saved] = last.select.characters;
  last.select.leave();
  return {
    userAgent: navigator.userAgent,
    worlds: first.worlds.map(({ name }) => name),
    entered,
    walkedTo: { x: x + 3, y },
    heard: text,
    savedAt: { x: saved?.position.x ?? -1, y: saved?.position.y ?? -1 },
    ends,
  };
}

/** Returns the reason why a login-server could not be reached. */
async function whyUnreachable(loginUrl: string): Promise<string> {
  let told = "";
  const client = createClient({
    ...transportTo(loginUrl),
    onUnreachable: (_door, why) => {
      told = why;
    },
  });
  const answer = await client.logIn({ name: "nobody", password: "nothing" });
  return answer.ok ? "let in" : `${answer.refusal}: ${told}`;
}

declare const navigator: { readonly userAgent: string };
Object.assign(globalThis, { wholeHop, whyUnreachable });
