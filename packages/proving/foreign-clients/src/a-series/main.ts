import { explain, parseProgram, wholeNumber } from "@sallyport/command-line";
import { Command } from "commander";
import { TypedLines } from "../typed-lines.ts";
import { ASeriesClient } from "./a-series-client.ts";

const names: { readonly [status: number]: string } = {
  128: "REGISTER_FAIL",
  137: "REGISTER_SUCCESS",
  200: "LOGIN_USER",
  201: "LOGIN_ADMN",
  401: "LOGIN_FAIL",
  471: "LOGIN_ALREADY",
};

/** Logs in for people, and shows the authentication id. */
async function main(): Promise<number> {
  const program = new Command("a-series")
    .description("Logs in at the A-series port of a login-server.")
    .option("--host <host>", "host of the login-server", "127.0.0.1")
    .option("--port <port>", "its A-series port", wholeNumber(1, 65_535), 33_600)
    .option("--register", "register the e-mail address first");
  const parsed = parseProgram(program, process.argv.slice(2), (each) =>
    each.opts<{ host: string; port: number; register?: true }>(),
  );
  if (!parsed.ok) return explain(parsed);
  const lines = new TypedLines();
  const [email, password] = [await lines.ask("E-mail: "), await lines.ask("Password: ")];
  lines.close();
  const say = (status: number | undefined | null, more = ""): void =>
    void process.stdout.write(
      `${status == null ? "no answer" : `${status} ${names[status] ?? ""}`}${more}\n`,
    );
  if (parsed.value.register)
    say(await (await ASeriesClient.connect(parsed.value)).registers(email, password));
  const answer = await (await ASeriesClient.connect(parsed.value)).authenticates(email, password);
  const isIn = answer?.status === 200 || answer?.status === 201;
  say(answer?.status, isIn ? `, authentication id ${answer.authenticationId.toString("hex")}` : "");
  return isIn ? 0 : 1;
}

process.exitCode = await main();
