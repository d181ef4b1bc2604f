import { accepted, isChat, type MapDoor, refused } from "@sallyport/domain";
import type { Client, Visit } from "@sallyport/server-kit";
import { gameCommands } from "./game/game-commands.ts";
import type { Gamemasters } from "./gamemaster/gamemaster.ts";
import { isIn, type Player } from "./player.ts";
import type { Population } from "./population.ts";

/** If a walk is refused because of a hop, the client can repeat it after this pause. Most hops are shorter. */
const hopRetryMs = 500;

/** Handles the commands of one client at the map door. The client can enter only once. */
export function visitMapServer(
  client: Client<MapDoor>,
  population: Population,
  gamemasters: Pick<Gamemasters, "carryOut" | "mutedForMs">,
): Visit<MapDoor> {
  let hasEntered = false;
  let player: Player | null = null;

  const inWorld = (): Player | null =>
    player !== null && (isIn(player, "playing") || isIn(player, "hopping")) ? player : null;

  return {
    handlers: {
      async "map.enter"(shown) {
        if (hasEntered) return refused("out-of-order");
        hasEntered = true;
        const outcome = await population.enter(client, shown);
        if (!outcome.ok) return outcome;
        ({ player } = outcome.value);
        // If the client disconnected before `player` was set, `gone` did nothing.
        if (!client.isConnected) void population.leave(player, "offline", null);
        return accepted(outcome.value.entered);
      },
      async "map.walk"(to) {
        const walker = inWorld();
        if (walker === null) return refused("out-of-order");
        if (isIn(walker, "hopping")) return refused("unavailable", hopRetryMs);
        const map = population.mapOf(walker);
        // This client moves its character itself, by `map.report`.
        const isOwnMove = map?.map.movement.kind === "reported" && client.dialect.reportsPositions === true;
        const steps = isOwnMove ? null : (map?.walk(walker, to) ?? null);
        return steps === null ? refused("no-path") : accepted({ steps });
      },
      async "map.report"(at) {
        const reporter = inWorld();
        if (reporter === null) return refused("out-of-order");
        if (isIn(reporter, "hopping")) return refused("unavailable", hopRetryMs);
        return population.mapOf(reporter)?.report(reporter, at) ?? refused("not-reported");
      },
      async "room.enter"({ map, at = null }) {
        const visitor = inWorld();
        if (visitor === null) return refused("out-of-order");
        if (isIn(visitor, "hopping")) return refused("unavailable", hopRetryMs);
        return population.enterRoom(visitor, map, at);
      },
      async "map.say"({ type: _, ...spoken }) {
        const speaker = inWorld();
        if (speaker === null) return refused("out-of-order");
        if (!isChat(spoken.text)) return refused("text-invalid");
        const mutedMs = gamemasters.mutedForMs(speaker);
        if (mutedMs > 0) return refused("muted", mutedMs);
        population.mapOf(speaker)?.say(speaker, spoken);
        population.gameOf(speaker)?.said(speaker, spoken.text);
        return accepted({});
      },
      async "map.order"({ type: _, ...order }) {
        const gamemaster = inWorld();
        if (gamemaster === null) return refused("out-of-order");
        return isIn(gamemaster, "hopping")
          ? refused("unavailable", hopRetryMs)
          : gamemasters.carryOut(gamemaster, order);
      },
      async "map.look"() {
        return inWorld() === null ? refused("out-of-order") : accepted({});
      },
      async "map.name"({ actor }) {
        const looker = inWorld();
        if (looker === null) return refused("out-of-order");
        return accepted({ name: population.nameInView(looker, actor) });
      },
      ...gameCommands(inWorld, population),
      async "map.save"() {
        const saved = inWorld();
        return saved === null ? refused("out-of-order") : population.save(saved);
      },
      async "map.leave"({ to }) {
        const leaver = inWorld();
        if (leaver === null) return refused("out-of-order");
        await population.leave(leaver, to, null);
        return accepted({});
      },
    },
    answered({ type }) {
      const shown = inWorld();
      if (shown === null) return;
      if (type === "map.enter") population.appear(shown);
      if (type === "map.look") population.mapOf(shown)?.look(shown);
    },
    putOut(kick) {
      if (player !== null && population.kick(player, kick)) return;
      client.send({ type: "client.kicked", ...kick });
      client.disconnect(`kicked: ${kick.reason}`);
    },
    // After an answer, a client without a player was refused.
    isOver: () => hasEntered && (player === null || isIn(player, "gone")),
    gone() {
      // While the client is entering, `player` is null and `enter` handles the disconnect.
      if (player !== null) void population.leave(player, "offline", null);
    },
  };
}
