import { canonicalName, type MailTokens } from "@sallyport/authentication";
import {
  type AccountId,
  accepted,
  type CharacterState,
  type CharacterSummary,
  CharId,
  Fence,
  type JsonObject,
  type OwnedCharacter,
  plainLooks,
  plainStanding,
  refused,
  type Standing,
} from "@sallyport/domain";
import type { AccountStore } from "./account-store.ts";
import { encodeState } from "./character-state.ts";
import {
  type CharacterSave,
  type CharacterStore,
  type ListedCharacter,
  newestOf,
  type SaveRefusal,
} from "./character-store.ts";
import type { InvitationStore } from "./invitation-store.ts";
import { createMemoryMapHostStore, type MapHostStore } from "./map-host-store.ts";
import { type AccountRecord, createMemoryAccounts } from "./memory-accounts.ts";
import { createMemoryMailTokens } from "./memory-mail-tokens.ts";
import { createMemoryNetworkBans } from "./memory-network-bans.ts";
import { createMemoryTokenStore } from "./memory-token-store.ts";
import { skeletonsOf } from "./names/skeleton.ts";
import type { NetworkBans } from "./network-bans.ts";
import { createMemoryScoreOutbox, type ScoreOutbox, valuesOfSubmission } from "./score-outbox.ts";
import type { TokenStore } from "./token-store.ts";
import { createMemoryWorldStateStore, type WorldStateStore } from "./world-state-store.ts";

export interface MemoryStores {
  readonly accounts: AccountStore;
  readonly invitations: InvitationStore;
  readonly mailTokens: MailTokens;
  readonly characters: CharacterStore;
  readonly mapHosts: MapHostStore;
  readonly worldStates: WorldStateStore;
  readonly networkBans: NetworkBans;
  readonly scoreOutbox: ScoreOutbox;
  readonly tokens: TokenStore;
  /** Tests and simulations check the stored state. Undefined: there is no such character. */
  readonly stateOf: (charId: CharId) => CharacterState | undefined;
}

export interface MemoryStoresOptions {
  /** Login times come from this clock, in milliseconds since 1970. */
  readonly now?: () => number;
}

interface CharacterRecord extends Pick<CharacterSummary, "charId" | "slot" | "looks"> {
  name: string;
  deleteAfterS: number | null;
  skeletons: readonly string[];
  readonly standing: Standing;
  readonly accountId: AccountId;
  readonly world: string;
  state: { readonly position: OwnedCharacter["position"]; readonly attributes: string };
  fence: Fence;
  /** The server with this name is allowed to save the character. Empty: no server is allowed to. */
  owner: string;
  saveNumber: number;
}

/**
 * Accounts and characters in memory, for simulations and tests. They keep the same contract as the stores in
 * Postgres, and the same tests check both.
 */
export function createMemoryStores({ now = Date.now }: MemoryStoresOptions = {}): MemoryStores {
  const { store: accountStore, records: accounts, invitations } = createMemoryAccounts(now);
  const characters = new Map<CharId, CharacterRecord>();
  const scores = createMemoryScoreOutbox(now);

  const ownerOf = (accountId: AccountId, fence: Fence): AccountRecord | undefined => {
    const account = accounts.get(accountId);
    return account && fence > 0 && account.fence === fence ? account : undefined;
  };

  const inWorld = (world: string): readonly CharacterRecord[] =>
    [...characters.values()].filter((record) => record.world === world);

  /** The checks of all requests that name a listed character. */
  function asListed(of: Parameters<CharacterStore["delete"]>[0]) {
    const account = ownerOf(of.accountId, of.accountFence);
    if (!account) return refused("lock-lost");
    const record = characters.get(of.charId);
    if (record?.accountId !== of.accountId || record.world !== of.world) return refused("no-such-character");
    return record.fence === of.charFence ? accepted({ record, account }) : refused("raised-meanwhile");
  }

  let charactersMade = 0;

  const characterStore: CharacterStore = {
    list: async ({ accountId, world }) =>
      [...characters.values()]
        .filter((record) => record.accountId === accountId && record.world === world)
        .sort((a, b) => a.slot - b.slot)
        .map(listedOf),

    create: async ({
      accountId,
      accountFence,
      world,
      slot,
      name,
      skeletons = [],
      looks = plainLooks,
      position,
    }) => {
      if (!ownerOf(accountId, accountFence)) return refused("lock-lost");
      const neighbours = inWorld(world);
      if (neighbours.some((record) => record.accountId === accountId && record.slot === slot)) {
        return refused("slot-taken");
      }
      if (neighbours.some((record) => isTaken(record, name, skeletons))) return refused("name-taken");
      const charId = CharId(150_000 + charactersMade++);
      const record = {
        charId,
        accountId,
        world,
        slot,
        name,
        skeletons,
        looks,
        state: { position, attributes: "{}" },
        fence: Fence(0),
        owner: "",
        saveNumber: 0,
        deleteAfterS: null,
        get standing() {
          const { role, mutedUntilMs } = accounts.get(accountId) ?? plainStanding;
          return { role, mutedUntilMs };
        },
      };
      characters.set(charId, record);
      return accepted(listedOf(record));
    },

    fillSkeletons: async (world) => {
      const neighbours = inWorld(world);
      for (const record of neighbours) {
        if (record.skeletons.length > 0) continue;
        const taken = new Set(neighbours.flatMap(({ skeletons }) => skeletons));
        record.skeletons = skeletonsOf(record.name).filter((skeleton) => !taken.has(skeleton));
      }
    },

    delete: async (character) => {
      const listed = asListed(character);
      if (!listed.ok) return listed;
      characters.delete(character.charId);
      return accepted({});
    },

    find: async ({ name, world }) => {
      const found = inWorld(world).find((record) => isNamed(record, name));
      return found === undefined ? null : { ...listedOf(found), accountId: found.accountId };
    },

    nameOfAccount: async (accountId) => accounts.get(accountId)?.name ?? null,

    rename: async ({ name, skeletons = [], ...character }) => {
      const listed = asListed(character);
      if (!listed.ok) return listed;
      const { record } = listed.value;
      const others = inWorld(record.world).filter((each) => each !== record);
      if (others.some((each) => isTaken(each, name, skeletons))) return refused("name-taken");
      Object.assign(record, { name, skeletons });
      takeAway(record);
      return accepted({});
    },

    move: async ({ position, ...character }) => {
      const listed = asListed(character);
      if (!listed.ok) return listed;
      const { record } = listed.value;
      record.state = { ...record.state, position };
      takeAway(record);
      return accepted({});
    },

    reserveDeletion: async ({ charId, accountId, accountFence, world, deleteAfterS }) => {
      if (!ownerOf(accountId, accountFence)) return refused("lock-lost");
      const record = characters.get(charId);
      if (record?.accountId !== accountId || record.world !== world) return refused("no-such-character");
      record.deleteAfterS = deleteAfterS;
      return accepted({});
    },

    take: async ({ owner, ...character }) => {
      const { accountId, world } = character;
      const listed = asListed(character);
      if (!listed.ok) return listed;
      const { record, account } = listed.value;
      for (const each of characters.values()) {
        if (each.accountId === accountId && each.world === world) raise(each, each === record ? owner : "");
      }
      const attributes: JsonObject = JSON.parse(record.state.attributes);
      return accepted({ ...listedOf(record), accountId, sex: account.sex, attributes });
    },

    save: async (save) => {
      const refusal = store(save);
      return refusal ? refused(refusal) : accepted({});
    },

    pass: async (save, to) => {
      const record = characters.get(save.charId);
      const isOlder = record !== undefined && save.saveNumber <= record.saveNumber;
      const refusal = store(save);
      if (refusal || !record || isOlder) return refused(refusal ?? "lock-lost");
      return accepted({ fence: raise(record, to) });
    },

    saveMany: async (saves) => {
      const refusals = new Map<CharId, SaveRefusal>();
      for (const save of newestOf(saves)) {
        const refusal = store(save);
        if (refusal) refusals.set(save.charId, refusal);
      }
      return refusals;
    },

    submitScore: async (submission) => {
      valuesOfSubmission(submission);
      const { key, charId, score } = submission;
      const record = characters.get(charId);
      if (!record || !isOwnedBy(record, submission) || submission.fence <= 0) return refused("lock-lost");
      const { accountId } = record;
      scores.submit({ key, accountId, accountName: accounts.get(accountId)?.name ?? null, charId, score });
      return accepted({});
    },
  };

  function store(save: CharacterSave): SaveRefusal | undefined {
    const { charId, fence, saveNumber, state } = save;
    const encoded = encodeState(state);
    if (!encoded) return "state-invalid";
    const record = characters.get(charId);
    if (!record || !isOwnedBy(record, save) || fence <= 0 || saveNumber <= 0) return "lock-lost";
    if (saveNumber > record.saveNumber) Object.assign(record, { state: encoded, saveNumber });
    return undefined;
  }

  const stateOf = (charId: CharId): CharacterState | undefined => {
    const state = characters.get(charId)?.state;
    return state && { position: state.position, attributes: JSON.parse(state.attributes) };
  };

  return {
    accounts: accountStore,
    invitations,
    mailTokens: createMemoryMailTokens(accounts, now),
    characters: characterStore,
    mapHosts: createMemoryMapHostStore(),
    worldStates: createMemoryWorldStateStore(),
    networkBans: createMemoryNetworkBans(now),
    scoreOutbox: scores.outbox,
    tokens: createMemoryTokenStore(accounts, now),
    stateOf,
  };
}

const isOwnedBy = (
  record: CharacterRecord,
  { world, fence, owner }: Pick<CharacterSave, "world" | "fence" | "owner">,
): boolean => record.world === world && record.fence === fence && record.owner === owner && owner !== "";

const isNamed = (record: CharacterRecord, name: string): boolean =>
  canonicalName(record.name) === canonicalName(name);

const isTaken = (by: CharacterRecord, name: string, skeletons: readonly string[]): boolean =>
  isNamed(by, name) || skeletons.some((each) => by.skeletons.includes(each));

/** A character that nobody ever owned keeps fence 0. */
function takeAway(record: CharacterRecord): void {
  if (record.fence > 0) raise(record, "");
}

function raise(record: CharacterRecord, owner: string): Fence {
  record.fence = Fence(record.fence + 1);
  record.owner = owner;
  record.saveNumber = 0;
  return record.fence;
}

const listedOf = ({
  charId,
  slot,
  name,
  looks,
  state,
  fence,
  standing,
  deleteAfterS,
}: CharacterRecord): ListedCharacter => ({
  charId,
  slot,
  name,
  looks,
  position: state.position,
  fence,
  standing,
  ...(deleteAfterS !== null && { deleteAfterS }),
});
