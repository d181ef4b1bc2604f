import { explain, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command } from "commander";
import { type PlaceOptions, placeFrom } from "../place-options.ts";
import { TypedLines } from "../typed-lines.ts";
import { TokenClient } from "./token-client.ts";

/** Gets an identity token for people, and shows it. */
async function main(): Promise<number> {
  const program = new Command("token")
    .description("Gets an identity token at the token port of a login-server.")
    .option("--host <host>", "host of the login-server", "127.0.0.1")
    .option("--port <port>", "its token port", wholeNumber(1, 65_535), 8_085)
    .option("--tls", "speak TLS, as the port does if the login-server has a certificate", false)
    .option("--ca <file>", "PEM file with the authority of that certificate, if it is your own")
    .option("--audience <kind>", "kind of server that the token is for");
  const parsed = parseProgram(program, process.argv.slice(2), (each) =>
    each.opts<PlaceOptions & { readonly audience?: string }>(),
  );
  if (!parsed.ok) return explain(parsed);
  const lines = new TypedLines();
  const [identity, password] = [await lines.ask("Name: "), await lines.ask("Password: ")];
  lines.close();
  const { audience } = parsed.value;
  const client = await TokenClient.connect(placeFrom(parsed.value));
  const answer = await client.asks({ type: "token", identity, password, ...(audience && { audience }) });
  process.stdout.write(`${answer === null ? "no answer" : JSON.stringify(answer, null, 2)}\n`);
  return answer?.["type"] === "token" ? 0 : 1;
}

process.exitCode = await main();
