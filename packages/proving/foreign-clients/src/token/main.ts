import { Command } from "commander";
import { addPlaceWithTls, type PlaceOptions, placeFrom } from "../place-options.ts";
import { runClient } from "../run-client.ts";
import type { TypedLines } from "../typed-lines.ts";
import { TokenClient } from "./token-client.ts";

interface Options extends PlaceOptions {
  readonly audience?: string;
}

const program = addPlaceWithTls(
  new Command("token").description("Gets an identity token at the token port of a login-server."),
  { server: "login-server", port: "token port", usual: 8_085 },
).option("--audience <kind>", "kind of server that the token is for");

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
