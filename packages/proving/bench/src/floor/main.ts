import { runChar } from "./char.ts";
import { runLogin } from "./login.ts";
import { runMap } from "./map.ts";
import { Stores } from "./stores.ts";

/**
 * Runs one server of the floor: `main.js login`, `main.js char` or `main.js map`. The floor does the least
 * that a hop needs: the connections, the answers that the client needs, 6 compare-and-sets in Redis, 2 reads
 * and 1 fenced update of Postgres, and 1 request between servers. The floor checks nothing. So it keeps none
 * of our promises.
 */

const servers = { login: runLogin, char: runChar, map: runMap };

const run = servers[process.argv[2] as keyof typeof servers];
const port = (name: string): number => Number(process.env[name]);
await run({
  stores: await Stores.open({
    redisUrl: process.env["REDIS_URL"] ?? "",
    databaseUrl: process.env["DATABASE_URL"] ?? "",
  }),
  ports: {
    login: port("LOGIN_PORT"),
    char: port("CHAR_PORT"),
    map: port("MAP_PORT"),
    link: port("LINK_PORT"),
  },
});
process.stdout.write("ready\n");
