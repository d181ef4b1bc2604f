import { join } from "node:path";
import { foreground } from "./child.mjs";
import { root } from "./pnpm.mjs";
import { prepare } from "./prepare.mjs";

/*
 * Runs a program of this project in a clone. Installs and builds what it needs first.
 *
 *     node scripts/run.mjs <program> [its own arguments]
 */

const ownGroup = true;
const programs = {
  // Runs the sample world, unless the variable GAME or the option --game names another game. Operators find the
  // admin port without a setting.
  start: {
    main: "packages/cli/dist/sallyport.js",
    args: ["up", "--web"],
    env: { GAME: join(root, "packages/sample-world/src/game.ts"), ADMIN_PORT: "9464", ...process.env },
    ownGroup,
    ifKilled: "Start it again: characters are as they were last saved.",
  },
  // `play` has no group of its own, because it reads the keyboard.
  play: { main: "packages/terminal-client/dist/main.js" },
  bots: { main: "packages/proving/bots/dist/main.js", ownGroup },
  // `boards`, `chat`, `a-series`, `token` and `slime` have no group of their own, because they read the keyboard.
  boards: { main: "packages/cli/dist/sallyport.js", args: ["boards"] },
  chat: { main: "packages/proving/foreign-clients/dist/chat/main.js" },
  "a-series": { main: "packages/proving/foreign-clients/dist/a-series/main.js" },
  token: { main: "packages/proving/foreign-clients/dist/token/main.js" },
  slime: { main: "packages/proving/foreign-clients/dist/slime/main.js" },
  "ragnarok-load": { main: "packages/proving/ragnarok-load/dist/main.js", ownGroup },
  // A simulation allocates many short-lived objects, so a larger young generation makes it faster.
  simulate: { node: ["--max-semi-space-size=64"], main: "packages/proving/simulation/dist/main.js" },
  chaos: { main: "packages/proving/chaos/dist/main.js", ownGroup },
  mixed: { main: "packages/proving/chaos/dist/mixed/main.js", ownGroup },
  topology: { main: "packages/proving/rig/dist/topology/main.js", ownGroup },
  scaling: { main: "packages/proving/rig/dist/scaling/main.js", ownGroup },
  hostile: { main: "packages/proving/hostile/dist/main.js", ownGroup },
  bench: { main: "packages/proving/bench/dist/main.js", ownGroup },
  "salt-timing": { main: "packages/proving/rig/dist/salt-timing/main.js", ownGroup },
};

const [name = "", ...rest] = process.argv.slice(2);
const program = Object.hasOwn(programs, name) ? programs[name] : null;
if (program === null) {
  process.stderr.write(
    `usage: node scripts/run.mjs <program>; programs: ${Object.keys(programs).join(", ")}\n`,
  );
  process.exit(2);
}
await prepare();
const { node = [], main, args = [], ...options } = program;
process.exitCode = await foreground([...node, join(root, main), ...args, ...rest], options);
