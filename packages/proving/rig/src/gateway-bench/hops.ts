import { enterWorld, register } from "@sallyport/bots";
import { type CharacterSelect, type Client, createClient } from "@sallyport/sdk";
import { tcpConnect } from "@sallyport/sdk/node";
import { must } from "@sallyport/testkit";
import type { Topology } from "../topology/topology.ts";
import { connectBy } from "../ways.ts";
import { type Compared, compare, cpuSeconds, type Gateway } from "./cost.ts";

interface HopOptions {
  readonly topology: Topology;
  readonly gateway: Gateway;
  /** Port on which the map-server itself listens. Clients are sent to the gateway instead. */
  readonly mapPort: number;
  readonly hops: number;
  readonly rounds: number;
}

const playersAtOnce = 8;
const host = "127.0.0.1";

interface Player {
  select: CharacterSelect;
  readonly charId: CharacterSelect["characters"][number]["charId"];
}

/**
 * Compares the cost of hops. In each hop, a player chooses a character, enters the map, and returns to
 * character select. Several players do this at the same time. The players log in before the measurement,
 * because password hashes would hide all other costs.
 */
export async function compareHops({
  topology,
  gateway,
  mapPort,
  hops,
  rounds,
}: HopOptions): Promise<Compared> {
  let isDirect = false;
  const straight = connectBy({ instead: { [gateway.port]: mapPort } });
  const client = (): Client =>
    createClient({
      login: { host, port: topology.entry.tcp },
      connect: (door, withinMs) => (isDirect ? straight : tcpConnect)(door, withinMs),
    });
  const players = await Promise.all(
    Array.from({ length: playersAtOnce }, async (_, nth): Promise<Player> => {
      const account = { name: `hopper_${nth}`, password: "correct horse" };
      const going = client();
      const refusal = await register(going, account);
      if (refusal !== null) throw new Error(`refused: ${refusal}`);
      const select = must(await enterWorld(going, account));
      return { select, charId: must(await select.create({ slot: 0, name: account.name })).charId };
    }),
  );
  const perPlayer = Math.ceil(hops / rounds / playersAtOnce);
  const go = (): Promise<unknown> =>
    Promise.all(
      players.map(async (player) => {
        for (let hop = 0; hop < perPlayer; hop += 1) {
          const game = must(await player.select.choose(player.charId));
          player.select = must(await game.backToCharSelect());
        }
      }),
    );
  const { servers } = topology;
  const others = async (): Promise<number> =>
    (await Promise.all(servers.map(cpuSeconds))).reduce((all, seconds) => all + seconds, 0);
  const count = perPlayer * playersAtOnce * rounds;
  return compare({ what: "hops", count, rounds, others, gateway: gateway.process }, (way) => {
    isDirect = way === "direct";
    return go();
  });
}
