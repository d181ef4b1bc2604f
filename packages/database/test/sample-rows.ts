import type { Credential, MailTokens } from "@sallyport/authentication";
import { AccountId, type CharacterState, Fence, type JsonObject } from "@sallyport/domain";
import {
  type AccountStore,
  type CharacterStore,
  createAccountStore,
  createCharacterStore,
  createInvitationStore,
  createMailTokenStore,
  createMapHostStore,
  createNetworkBans,
  createScoreOutbox,
  createTokenStore,
  createWorldStateStore,
  type Database,
  type InvitationStore,
  type MapHostStore,
  type NetworkBans,
  type ScoreOutbox,
  type TokenStore,
  type WorldStateStore,
} from "../src/index.ts";

export const position = { map: "harbour", x: 10, y: 20 };
export const world = "Test";

export interface Stores {
  readonly accounts: AccountStore;
  readonly invitations: InvitationStore;
  readonly mailTokens: MailTokens;
  readonly characters: CharacterStore;
  readonly mapHosts: MapHostStore;
  readonly worldStates: WorldStateStore;
  readonly networkBans: NetworkBans;
  readonly scoreOutbox: ScoreOutbox;
  readonly tokens: TokenStore;
}

export interface OpenedStores {
  readonly stores: Stores;
  close(): Promise<void>;
}

export function storesOn(database: Database): Stores {
  return {
    accounts: createAccountStore(database),
    invitations: createInvitationStore(database),
    mailTokens: createMailTokenStore(database),
    characters: createCharacterStore(database),
    mapHosts: createMapHostStore(database),
    worldStates: createWorldStateStore(database),
    networkBans: createNetworkBans(database),
    scoreOutbox: createScoreOutbox(database),
    tokens: createTokenStore(database),
  };
}

export function credential(fill = 1): Credential {
  return {
    salt: new Uint8Array(16).fill(fill),
    memoryKib: 19_456,
    iterations: 2,
    parallelism: 1,
    storedKey: new Uint8Array(32).fill(fill),
    serverKey: new Uint8Array(32).fill(fill + 1),
  };
}

/** Replaces the Buffers of a credential by plain arrays, which tests can compare. */
export const plain = (value: Credential | undefined) =>
  value && {
    ...value,
    salt: [...value.salt],
    storedKey: [...value.storedKey],
    serverKey: [...value.serverKey],
  };

let namesGiven = 0;
/** Returns a name that no other test uses. */
export const freshName = (): string => `name_${process.pid}_${++namesGiven}`;

export async function createAccount({ accounts }: Stores, name = freshName()): Promise<AccountId> {
  const created = await accounts.create({ name, sex: "female", credential: credential() });
  if (!created.ok) throw new Error(created.refusal);
  return created.value.accountId;
}

export async function raise({ accounts }: Stores, accountId: AccountId): Promise<Fence> {
  const raised = await accounts.raiseFence(accountId);
  if (!raised.ok) throw new Error(raised.refusal);
  return raised.value.fence;
}

/** Creates an account with a fence and one character. Returns how a char-server names the character. */
export async function createCharacter(stores: Stores, slot = 0) {
  const accountId = await createAccount(stores);
  const accountFence = await raise(stores, accountId);
  const name = freshName();
  const created = await stores.characters.create({ accountId, accountFence, world, slot, name, position });
  if (!created.ok) throw new Error(created.refusal);
  return { name, reference: { accountId, accountFence, world, charId: created.value.charId } };
}

export const stateWith = (attributes: JsonObject): CharacterState => ({ position, attributes });

export const lost = { ok: false, refusal: "lock-lost" };

type Reference = Omit<Parameters<CharacterStore["delete"]>[0], "charFence">;

/** Lists a character. A missing character gets fence 0, like one that was never played. */
export async function listed({ characters }: Pick<Stores, "characters">, reference: Reference) {
  const { accountId, charId, world: of } = reference;
  const all = await characters.list({ accountId, world: of });
  return { ...reference, charFence: all.find((each) => each.charId === charId)?.fence ?? Fence(0) };
}

/** Lists a character and then takes it, like a char-server. */
export const take = async (stores: Pick<Stores, "characters">, reference: Reference, owner = "map-1") =>
  stores.characters.take({ ...(await listed(stores, reference)), owner });

export const remove = async (stores: Pick<Stores, "characters">, reference: Reference) =>
  stores.characters.delete(await listed(stores, reference));

export const bySaver = { world, owner: "map-1" };
