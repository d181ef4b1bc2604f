import { each } from "@sallyport/bots";
import { loginDoorMessages } from "@sallyport/dialects/native";
import type { Frame } from "@sallyport/wire";
import { MessageCodec } from "@sallyport/wire";
import { type Attack, countAnswer, type Field, type Target, type Toll } from "./attack.ts";
import { RawConnection } from "./raw-connection.ts";
import { Asker, onAnswers } from "./requests.ts";

const clients = 40;
const codec = new MessageCodec(loginDoorMessages);

export const passwordFlood: Attack = {
  name: "password-flood",
  what: "send wrong passwords from one address on many connections: half for a bot's name, half for many names",
  unit: "attempts",
  count: 2_000,
  forbidden: ["let in"],
  async run(count, field, toll) {
    const logins = field.targets.filter(({ tier, kind }) => tier === "login" && kind === "tcp");
    await each(Array(count).keys(), clients, async (index) => {
      const login = logins[Math.floor(index / 2) % logins.length] as Target;
      const connection = await RawConnection.open(login, field, toll);
      if (connection === null) return;
      const name = index % 2 === 0 ? field.victim : `${field.marker.slice(0, 10)}_${index}`;
      await attempt(connection, login, { name, password: `${field.marker} ${index}` }, field, toll);
    });
  },
};

async function attempt(
  connection: RawConnection,
  login: Target,
  typed: { readonly name: string; readonly password: string },
  field: Field,
  toll: Toll,
): Promise<void> {
  onAnswers(connection, (frame) => {
    countAnswer(toll, wordOf(frame));
    connection.hangUp();
  });
  new Asker(connection, login).ask({ type: "login.password", ...typed });
  await connection.holdFor(field.patienceMs);
}

function wordOf({ kind, body }: Frame): string {
  return kind === "refusal" ? codec.decodeRefusal("login.password", body).refusal : "let in";
}
