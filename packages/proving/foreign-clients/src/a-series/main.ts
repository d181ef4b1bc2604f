import { Command } from "commander";
import type { Place } from "../byte-stream.ts";
import { addPlace } from "../place-options.ts";
import { runClient } from "../run-client.ts";
import type { TypedLines } from "../typed-lines.ts";
import { ASeriesClient } from "./a-series-client.ts";

const names: { readonly [status: number]: string } = {
  128: "REGISTER_FAIL",
  137: "REGISTER_SUCCESS",
  200: "LOGIN_USER",
  201: "LOGIN_ADMN",
  401: "LOGIN_FAIL",
  471: "LOGIN_ALREADY",
};

interface Options extends Place {
  readonly register?: true;
}

const program = addPlace(
  new Command("a-series").description("Logs in at the A-series port of a login-server."),
  { server: "login-server", port: "A-series port", usual: 33_600 },
).option("--register", "register the e-mail address first");

/** What may be the cause of a status that has several. It goes to stderr, as a program may read the other lines. */
const causes: { readonly [status: number]: string } = {
  128: "The address is taken or none, the password is too short or too long, or the server refuses new accounts now. If the account is yours, this logs it in:",
  401: "The address or the password is wrong, the account or your address is banned, or it was tried too often.",
};

function say(status: number, more = ""): void {
  process.stdout.write(`${status} ${names[status] ?? ""}${more}\n`);
  const cause = causes[status];
  if (cause !== undefined) process.stderr.write(`${cause}\n`);
}

/** Asks one question over a connection of its own, as the seed's clients do. */
async function asked<Answer>(
  place: Place,
  question: (client: ASeriesClient) => Promise<Answer | null>,
): Promise<Answer> {
  const client = await ASeriesClient.connect(place);
  try {
    const answer = await question(client);
    if (answer === null) throw client.stream.gone();
    return answer;
  } finally {
    client.stream.destroy();
  }
}

/** Logs in for people, and shows the authentication id. */
async function logIn({ register, ...place }: Options, lines: TypedLines): Promise<number> {
  const [email, password] = [await lines.ask("E-mail: "), await lines.askSecret("Password: ")];
  if (register) say(await asked(place, (client) => client.registers(email, password)));
  const { status, authenticationId } = await asked(place, (client) => client.authenticates(email, password));
  const isIn = status === 200 || status === 201;
  say(status, isIn ? `, authentication id ${authenticationId.toString("hex")}` : "");
  return isIn ? 0 : 1;
}

await runClient(program, logIn);
