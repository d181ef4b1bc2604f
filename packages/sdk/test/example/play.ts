import {
  createClient,
  describeRefusal,
  type Game,
  leastCrowded,
  type Outcome,
  type Refusal,
  retrying,
  transportTo,
} from "@sallyport/sdk/node";

/** Logs in, enters with the first character, says hello and leaves. */
export async function play(url: string, account: { name: string; password: string }): Promise<void> {
  const client = createClient(transportTo(url));
  const { worlds } = must(await retrying(() => client.logIn(account), { attemptsMax: 5 }));
  const world = leastCrowded(worlds);
  if (world === undefined) throw new Error("no world");
  const select = must(await client.enterWorld(world));
  const { name } = account;
  const { charId } = select.characters[0] ?? must(await select.create({ slot: 0, name }));
  const game = must(await select.choose(charId));
  const answered = heard(game, "hello");
  must(await game.say("hello"));
  await answered;
  must(await game.leave());
}

const heard = (game: Game, text: string): Promise<void> =>
  new Promise((resolve) => {
    game.on((event) => event.type === "actor.said" && event.text === text && resolve());
  });

function must<Value>(outcome: Outcome<Value, Refusal>): Value {
  if (outcome.ok) return outcome.value;
  throw new Error(describeRefusal(outcome.refusal));
}
