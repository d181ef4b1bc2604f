import { type Explained, parseProgram } from "@sallyport/command-line";
import { type LoginAddress, loginOptions, loginUrl } from "@sallyport/command-line/login-address";
import { Command } from "commander";

export type ParsedCommandLine =
  | { readonly ok: true; readonly url: string; readonly ca: string | null; readonly name: string }
  | Explained;

export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const program = loginOptions(new Command("play").description("Play in the terminal."))
    .option("--name <name>", "name of the account to log in with", "")
    .addHelpText(
      "after",
      "\nOn the map: arrows, wasd or hjkl walk, Enter talks (/help lists orders), c returns to character select, q saves and quits.",
    );
  const parsed = parseProgram(program, args, () => {
    const { ca, name, ...address } = program.opts<LoginAddress & { ca?: string; name: string }>();
    return { url: loginUrl(address), ca: ca ?? null, name };
  });
  return parsed.ok ? { ok: true, ...parsed.value } : parsed;
}
