import { accepted, type Outcome } from "@sallyport/domain";
import type { ByteChannel } from "@sallyport/link";
import { connectBy } from "@sallyport/rig";
import { type Connect, createClient, retrying } from "@sallyport/sdk";
import type { Way } from "../way.ts";
import { type Attack, countAnswer, each, type Field, type Target, type Toll } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";
import { Asker } from "./requests.ts";

/* A quarter of them are players on a map, on all ways. The others are strangers, at all doors. */

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
    await each(playersOf(count), atOnce, async (index) => {
      const made = await patiently(() => playerAt(field, index).client.register(accountOf(field, index)));
      if (!made.ok && made.refusal !== "name-taken")
        throw new Error(`a slow reader's account: ${made.refusal}`);
    });
  },
  async run(count, field, toll) {
    const players = playersOf(count);
    const doors = field.targets.filter(({ kind }) => kind !== "link");
    await Promise.all([
      each(players, players, (index) => readNothingOnMap(index, field, toll)),
      each(count - players, count, (index) =>
        readNothing(doors[index % doors.length] as Target, field, toll),
      ),
    ]);
  },
};

const playersOf = (count: number): number => Math.floor(count / 4);
const accountOf = ({ marker }: Field, index: number) => ({
  name: `s${marker.slice(0, 8)}_${index}`,
  password: `${marker} ${index}`,
  sex: "female" as const,
});

async function readNothing(target: Target, field: Field, toll: Toll): Promise<void> {
  const connection = await RawConnection.open(target, field, toll);
  if (connection === null) return;
  const asker = new Asker(connection, target);
  asker.askAsStranger(field);
  const untilMs = performance.now() + field.floodMs;
  const timer = setInterval(() => {
    if (!connection.isOpen || performance.now() > untilMs) return clearInterval(timer);
    // Do not queue up data that the server does not accept.
    if (connection.unsentBytes > 0) return;
    asker.askAsStranger(field);
    asker.ping();
  }, askEveryMs);
  await connection.holdFor(field.floodMs + field.patienceMs);
  clearInterval(timer);
}

/** Does what the SDK does, up to the moment at which it stops reading. */
async function readNothingOnMap(index: number, field: Field, toll: Toll): Promise<void> {
  const { client, newest } = playerAt(field, index, toll);
  const { name, password } = accountOf(field, index);
  const login = await patiently(() => client.logIn({ name, password, way: "raw" }));
  if (!login.ok) return countAnswer(toll, `login: ${login.refusal}`);
  const world = login.value.worlds[0];
  if (world === undefined) return countAnswer(toll, "login: no world");
  const select = await patiently(() => client.enterWorld(world));
  if (!select.ok) return countAnswer(toll, `char: ${select.refusal}`);
  const [known] = select.value.characters;
  const character = known ? accepted(known) : await patiently(() => select.value.create({ slot: 0, name }));
  if (!character.ok) return countAnswer(toll, `create: ${character.refusal}`);
  const handedOver = await patiently(() => select.value.handOver(character.value.charId));
  if (!handedOver.ok) return countAnswer(toll, `choose: ${handedOver.refusal}`);
  const game = await client.enterMap(handedOver.value);
  if (!game.ok) return countAnswer(toll, `map: ${game.refusal}`);
  countAnswer(toll, "on the map");
  newest()?.pause();
  const { random, floodMs, patienceMs } = field;
  const walking = setInterval(() => {
    const { x, y } = game.value.place.position;
    void game.value.walk(x + random.between(-3, 3), y + random.between(-3, 3));
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
  const connect: Connect = async (address, withinMs) => {
    if (toll !== undefined) toll.tried += 1;
    newest = await open(address, withinMs);
    if (toll !== undefined) toll.connected += 1;
    return newest;
  };
  const login = { host: "127.0.0.1", port: way.loginPort };
  return { client: createClient({ connect, login }), newest: () => newest };
}

const patiently = <Value, Code extends string>(ask: () => Promise<Outcome<Value, Code>>) =>
  retrying(ask, { attemptsMax });
