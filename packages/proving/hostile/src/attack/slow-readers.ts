import { type Ask, each, enterMap, enterWorld, register } from "@sallyport/bots";
import type { ByteChannel } from "@sallyport/link";
import { connectBy } from "@sallyport/rig";
import { type Connect, createClient, retrying } from "@sallyport/sdk";
import type { Way } from "../way.ts";
import { type Attack, countAnswer, type Field, type Target, type Toll } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";
import { Asker } from "./requests.ts";

/*
 * A quarter of the attackers are players on a map, over all transports. The others are unknown clients at all
 * doors.
 */

const askEveryMs = 100;
const walkEveryMs = 5_000;
const atOnce = 8;
const attemptsMax = 60;

export const slowReaders: Attack = {
  name: "slow-readers",
  what: "ask for much, a quarter of them as players on a map, and never read the answers",
  unit: "clients",
  count: 300,
  async prepare(count, field) {
    await each(Array(playersOf(count)).keys(), atOnce, async (index) => {
      const refusal = await register(playerAt(field, index).client, accountOf(field, index), patiently);
      if (refusal !== null) throw new Error(`a slow reader's account: ${refusal}`);
    });
  },
  async run(count, field, toll) {
    const players = playersOf(count);
    const doors = field.targets.filter(({ kind }) => kind !== "link");
    await Promise.all([
      each(Array(players).keys(), players, (index) => readNothingOnMap(index, field, toll)),
      each(Array(count - players).keys(), count, (index) =>
        readNothing(doors[index % doors.length] as Target, field, toll),
      ),
    ]);
  },
};

const playersOf = (count: number): number => Math.floor(count / 4);
const accountOf = ({ marker }: Field, index: number) => ({
  name: `s${marker.slice(0, 8)}_${index}`,
  password: `${marker} ${index}`,
  way: "raw" as const,
});

async function readNothing(target: Target, field: Field, toll: Toll): Promise<void> {
  const connection = await RawConnection.open(target, field, toll);
  if (connection === null) return;
  const asker = new Asker(connection, target);
  asker.askAsStranger(field);
  const untilMs = performance.now() + field.floodMs;
  const timer = setInterval(() => {
    if (!connection.isOpen || performance.now() > untilMs) return clearInterval(timer);
    // Without this check, data that the server does not accept would fill the memory of this process.
    if (connection.unsentBytes > 0) return;
    asker.askAsStranger(field);
    asker.ping();
  }, askEveryMs);
  await connection.holdFor(field.floodMs + field.patienceMs);
  clearInterval(timer);
}

/** Behaves like a normal player until the character is on the map. Then this attacker stops reading. */
async function readNothingOnMap(index: number, field: Field, toll: Toll): Promise<void> {
  const { client, newest } = playerAt(field, index, toll);
  const account = accountOf(field, index);
  let at = "";
  const ask: Ask = (step, request) => {
    at = step;
    // A client that was handed over to a map-server asks only once.
    return step === "map enter" ? request() : patiently(step, request);
  };
  const select = await enterWorld(client, account, ask);
  const game = select.ok ? await enterMap(client, select.value, account.name, { ask }) : select;
  if (!game.ok) return countAnswer(toll, `${at}: ${game.refusal}`);
  countAnswer(toll, "on the map");
  newest()?.pause();
  const { random, floodMs, patienceMs } = field;
  const walking = setInterval(() => {
    const { x, y } = game.value.place.position;
    void game.value.walk(x + random.whole(-3, 3), y + random.whole(-3, 3));
  }, walkEveryMs);
  let hasHungUp = false;
  const hangUp = setTimeout(() => {
    hasHungUp = true;
    game.value.destroy();
  }, floodMs + patienceMs);
  await game.value.closed;
  clearTimeout(hangUp);
  clearInterval(walking);
  toll[hasHungUp ? "hungUp" : "ended"] += 1;
}

function playerAt(field: Field, index: number, toll?: Toll) {
  const way = field.ways[index % field.ways.length] as Way;
  const open = connectBy(way, () => field.sources.next());
  let newest: ByteChannel | null = null;
  const connect: Connect = async (address, withinMs, door) => {
    if (toll !== undefined) toll.tried += 1;
    newest = await open(address, withinMs, door);
    if (toll !== undefined) toll.connected += 1;
    return newest;
  };
  return { client: createClient({ connect, login: way.login }), newest: () => newest };
}

const patiently: Ask = (_, request) => retrying(request, { attemptsMax });
