import { Fence, Unavailable } from "@sallyport/domain";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CharServerScene } from "./char-server-scene.ts";

let scene: CharServerScene;
beforeEach(async () => {
  scene = await CharServerScene.start();
  scene.rules.hasDefaultCharacter = true;
});
afterEach(() => {
  expect(scene.bugs).toEqual([]);
});

/** Deletes the only character of the account, and returns a ticket. */
async function withoutCharacter() {
  const ticket = await scene.ticket();
  const { accountId } = ticket;
  const accountFence = (await scene.stores.accounts.findByName("alice"))?.fence ?? Fence(0);
  const [listed] = await scene.stores.characters.list({ accountId, world: "Alpha" });
  if (listed === undefined) throw new Error("there is no character");
  const { charId, fence: charFence } = listed;
  await scene.stores.characters.delete({ charId, accountId, accountFence, world: "Alpha", charFence });
  return ticket;
}

const entered = async (ticket: Awaited<ReturnType<typeof withoutCharacter>>) => {
  const client = scene.client();
  const answer = await scene.now(client.enter(ticket));
  if (!answer.ok) throw new Error(answer.refusal);
  return { client, characters: answer.value.characters };
};

test("an account without a character gets one with its own name, which can be played at once", async () => {
  const { client, characters } = await entered(await withoutCharacter());
  expect(characters).toMatchObject([{ name: "alice", slot: 0, position: scene.rules.spawn }]);
  const charId = characters[0]?.charId ?? scene.charId;
  expect(await scene.now(client.choose(charId))).toMatchObject({ ok: true, value: { charId } });
});

test("an account that has a character gets no other one", async () => {
  const { characters } = await entered(await scene.ticket());
  expect(characters.map(({ charId }) => charId)).toEqual([scene.charId]);
});

test("an account gets none if another character has the name, or if the world is set so", async () => {
  const ticket = await withoutCharacter();
  scene.around.create = async () => ({ ok: false, refusal: "name-taken" });
  const { client, characters } = await entered(ticket);
  expect(characters).toEqual([]);
  client.hangUp();
  await scene.clock.advance(1_000);
  delete scene.around.create;
  scene.rules.hasDefaultCharacter = false;
  expect((await entered(await scene.ticket(2))).characters).toEqual([]);
});

test("a character whose creation was not answered is listed before the next command, and there is one only", async () => {
  const ticket = await withoutCharacter();
  scene.around.create = async (of) => {
    await scene.stores.characters.create(of);
    throw new Unavailable("no answer");
  };
  const { client, characters } = await entered(ticket);
  expect(characters).toEqual([]);
  delete scene.around.create;
  const { accountId } = ticket;
  const [made, ...others] = await scene.stores.characters.list({ accountId, world: "Alpha" });
  expect(others).toEqual([]);
  expect(await scene.now(client.choose(made?.charId ?? scene.charId))).toMatchObject({ ok: true });
});
