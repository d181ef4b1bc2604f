import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/*
 * Is loaded into a measured server before its own code. The server then collects all garbage when it gets
 * SIGUSR2, so that what it keeps can be told from what it has not collected yet.
 */

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
process.on("SIGUSR2", () => collect());
