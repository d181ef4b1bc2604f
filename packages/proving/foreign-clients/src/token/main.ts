import { wholeNumber } from "@sallyport/command-line";
import { Command } from "commander";
import { type PlaceOptions, placeFrom } from "../place-options.ts";
import { runClient } from "../run-client.ts";
import type { TypedLines } from "../typed-lines.ts";
import { TokenClient } from "./token-client.ts";

interface Options extends PlaceOptions {
  readonly audience?: string;
}

const program = new Command("token")
  .description("Gets an identity token at the token port of a login-server.")
  .option("--host <host>", "host of the login-server", "127.0.0.1")
  .option("--port <port>", "its token port", wholeNumber(1, 65_535), 8_085)
  .option("--tls", "speak TLS, as the port does if the login-server has a certificate", false)
  .option("--ca <file>", "PEM file with the authority of that certificate, if it is your own")
  .option("--audience <kind>", "kind of server that the token is for");

/** Gets an identity token for people, and shows it. */
async function token({ audience, ...options }: Options, lines: TypedLines): Promise<number> {
  const place = placeFrom(options);
  const [identity, password] = [await lines.ask("Name: "), await lines.askSecret("Password: ")];
  const client = await TokenClient.connect(place);
  try {
    const answer = await client.asks({ type: "token", identity, password, ...(audience && { audience }) });
    if (answer === null) throw client.stream.gone();
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
    return answer["type"] === "token" ? 0 : 1;
  } finally {
    client.stream.destroy();
  }
}

await runClient(program, token);
