import { checkMaps, describeMap, drawMap } from "@sallyport/map-files";
import type { Command } from "commander";

interface Outputs {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Called with an error that the user has to correct. The process then ends with exit code 1. */
  readonly complain: (error: unknown) => void;
}

const columnsMax = 100;

/** Adds `map check`, which needs no settings and no server. */
export function addMapCheck(map: Command, { write, writeError, complain }: Outputs): void {
  map
    .command("check <path...>")
    .description("check map files, and all map files in folders: .map and .tmj")
    .option("--draw", `draw each map, at most ${columnsMax} columns wide`)
    .addHelpText(
      "after",
      "\nPrints one line for each map, and one line on stderr for each problem. Ends with exit code 1 if there are\nproblems. Warps may lead to maps in the folders of all files.",
    )
    .action(async (paths: readonly string[], { draw }: { readonly draw?: true }) => {
      try {
        for (const { source, map: checked, problems } of await checkMaps(paths)) {
          if (checked !== null) write(`${source}: ${describeMap(checked)}\n`);
          if (checked !== null && draw) write(`${drawMap(checked, columnsMax)}\n`);
          for (const problem of problems) writeError(`${problem}\n`);
          if (problems.length > 0) process.exitCode = 1;
        }
      } catch (error) {
        complain(error);
      }
    });
}
