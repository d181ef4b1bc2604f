import { accepted, type Outcome, refused } from "@sallyport/domain";
import { ASeriesClient } from "@sallyport/foreign-clients";
import type { Answer, PlayerProtocol, Visitor } from "./player.ts";
import { chooseBySdk, SdkPlayer, sdkBusyWords, sdkClient } from "./sdk-player.ts";

const [loginUser, loginAdmin, registered] = [200, 201, 137];
const [loginFail, registerFail] = [401, 128];

/** One exchange at the A-series port. Null: no connection. */
async function exchange<Value>(
  { entrance, from, answerMs }: Visitor,
  ask: (client: ASeriesClient) => Promise<Value | null>,
): Promise<Outcome<Value, string>> {
  const client = await ASeriesClient.connect(entrance.login, from).catch(() => null);
  if (client === null) return refused("unreachable");
  client.stream.patienceMs = answerMs;
  const answer = await ask(client);
  client.stream.destroy();
  return answer === null ? refused("disconnected") : accepted(answer);
}

async function logIn(visitor: Visitor): Promise<Outcome<Uint8Array, string>> {
  const { login, password } = visitor.account;
  const answer = await exchange(visitor, (client) => client.authenticates(login, password));
  if (!answer.ok) return answer;
  const { status, authenticationId } = answer.value;
  return status === loginUser || status === loginAdmin
    ? accepted(authenticationId)
    : refused(`status ${status}`);
}

async function register(visitor: Visitor): Promise<Answer> {
  const { login, password } = visitor.account;
  const answer = await exchange(visitor, (client) => client.registers(login, password));
  return !answer.ok || answer.value === registered ? answer : refused(`status ${answer.value}`);
}

/** Clients of the A series, which take their authentication id to the char-server. */
export const aSeriesPlayers: PlayerProtocol = {
  busyWords: [`status ${loginFail}`, `status ${registerFail}`, ...sdkBusyWords],
  ...{ name: "a-series", door: "a-series", registersEmail: true, listsPlaces: true },
  register: (visitor) => visitor.ask("register", register(visitor)),
  async enter(visitor) {
    const { ask, entrance } = visitor;
    const id = await ask("login", logIn(visitor));
    if (!id.ok) return id;
    const client = sdkClient(visitor);
    const select = await ask("char enter", client.resume(id.value, entrance.world));
    if (!select.ok) return select;
    const game = await chooseBySdk(visitor, client, select.value);
    return game.ok ? accepted(new SdkPlayer(visitor, client, game.value)) : game;
  },
};
