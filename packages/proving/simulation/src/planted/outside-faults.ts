import type { CharacterSave, CharacterStore, WorldStateStore } from "@sallyport/database";
import { Fence } from "@sallyport/domain";
import type { LockStore } from "@sallyport/lock-store";
import { lockTables, type Move, putCell } from "../lock-tables.ts";
import type { Underneath } from "../simulated-stores.ts";

/*
 * Mistakes that a programmer could make. The simulation plants them without a change of source: in the
 * stores, or in a cell of a lock table.
 */

export interface OutsideFault {
  readonly name: string;
  /**
   * The name of the checker that finds the fault, or the names of all checkers that may be the first to find
   * it.
   */
  readonly seenBy: string | readonly string[];
  /** The first seed that finds the fault. A test need not run the seeds before it. The default is 1. */
  readonly firstSeed?: number;
  readonly stores?: (sound: Underneath) => Underneath;
  /** Plants the fault in a lock table. Returns a function that removes it. */
  readonly cell?: () => () => void;
}

const moveAt = (kind: keyof typeof lockTables, state: string, command: string): Move => {
  const cell = lockTables[kind][state]?.[command];
  if (cell === undefined || typeof cell === "string") throw new Error(`no move ${kind} ${state} ${command}`);
  return cell;
};

/** A lock move with a fault, without the precise types of the lock tables. */
type AnyStep = (lock: Any, command: Any) => unknown;
type Any = { readonly [field: string]: unknown };
const cell =
  (kind: keyof typeof lockTables, state: string, command: string, step: AnyStep) => (): (() => void) =>
    putCell({ kind, state, command }, { to: [], step } as unknown as Move);
const cellOf =
  (kind: keyof typeof lockTables, state: string, command: string, other: () => Move | string) =>
  (): (() => void) =>
    putCell({ kind, state, command }, other());

const go = (next: unknown, ...effects: unknown[]) => ({ ok: true, next, effects });
const free = { state: "free" };

const withLocks = (around: (store: LockStore) => Partial<LockStore>) => (sound: Underneath) => {
  const faulty = (store: LockStore): LockStore => ({
    losses: store.losses,
    generationOf: (key) => store.generationOf(key),
    load: (key) => store.load(key),
    compareAndSet: (change) => store.compareAndSet(change),
    due: (limit) => store.due(limit),
    ownedBy: (...page) => store.ownedBy(...page),
    close: () => store.close(),
    ...around(store),
  });
  const { login, Alpha, Beta } = sound.locks;
  return { ...sound, locks: { login: faulty(login), Alpha: faulty(Alpha), Beta: faulty(Beta) } };
};

const withCharacters =
  (around: (store: CharacterStore) => Partial<CharacterStore>) =>
  (sound: Underneath): Underneath => ({
    ...sound,
    database: {
      ...sound.database,
      characters: { ...sound.database.characters, ...around(sound.database.characters) },
    },
  });

const withWorldStates =
  (around: (store: WorldStateStore) => Partial<WorldStateStore>) =>
  (sound: Underneath): Underneath => {
    const { worldStates } = sound.database;
    return {
      ...sound,
      database: { ...sound.database, worldStates: { ...worldStates, ...around(worldStates) } },
    };
  };

function everyNth(count: number): () => boolean {
  let asked = 0;
  return () => {
    asked += 1;
    return asked % count === 0;
  };
}

export const outsideFaults: readonly OutsideFault[] = [
  {
    name: "a lock that the store lost is given to the first server that asks",
    seenBy: "lost-locks",
    firstSeed: 23,
    stores: (sound) => ({ ...sound, graceMs: 0 }),
  },
  {
    name: "a save is stored under any fence",
    seenBy: "fences",
    firstSeed: 19,
    stores: withCharacters((characters) => {
      const newest = new Map<number, Fence>();
      const underNewest = (save: CharacterSave): CharacterSave => ({
        ...save,
        fence: newest.get(save.charId) ?? save.fence,
      });
      return {
        take: async (of) => {
          const taken = await characters.take(of);
          if (taken.ok) newest.set(of.charId, taken.value.fence);
          return taken;
        },
        pass: async (save, to) => {
          const passed = await characters.pass(save, to);
          if (passed.ok) newest.set(save.charId, passed.value.fence);
          return passed;
        },
        saveMany: (saves) => characters.saveMany(saves.map(underNewest)),
      };
    }),
  },
  {
    name: "a character is handed out under the fence that it had",
    seenBy: ["fences", "progress"],
    stores: withCharacters((characters) => ({
      take: async (of) => {
        const taken = await characters.take(of);
        return taken.ok ? { ok: true, value: { ...taken.value, fence: Fence(2) } } : taken;
      },
    })),
  },
  {
    name: "a character is passed on under the fence that it had",
    seenBy: "fences",
    stores: withCharacters((characters) => ({
      pass: async (save) => {
        const saved = await characters.save(save);
        return saved.ok ? { ok: true, value: { fence: save.fence } } : saved;
      },
    })),
    // The lock would refuse the next hop, so the fault also has to remove a part of the lock.
    cell: cell("character", "hopping", "acknowledge", (lock, { owner, charId, charFence }) => {
      const { target: _, ...rest } = lock;
      return go({ ...rest, state: "entering", owner, charId, charFence });
    }),
  },
  {
    name: "a character is deleted without a check of its fence",
    seenBy: "kept-characters",
    firstSeed: 64,
    stores: withCharacters((characters) => ({
      delete: async (of) => {
        const found = (await characters.list(of)).find(({ charId }) => charId === of.charId);
        return characters.delete({ ...of, charFence: found?.fence ?? of.charFence });
      },
    })),
  },
  {
    name: "a character that was created does not exist afterwards",
    seenBy: "kept-characters",
    stores: withCharacters((characters) => ({
      create: async (of) => {
        const made = await characters.create(of);
        if (made.ok) {
          const { charId, fence: charFence } = made.value;
          await characters.delete({ ...of, charId, charFence });
        }
        return made;
      },
    })),
  },
  {
    name: "a client need not wait to delete a character",
    seenBy: "kept-characters",
    firstSeed: 102,
    stores: withCharacters((characters) => ({
      list: async (of) =>
        (await characters.list(of)).map((each) =>
          each.deleteAfterS === undefined ? each : { ...each, deleteAfterS: 0 },
        ),
    })),
  },
  {
    name: "a login does not raise the fence of the account",
    seenBy: ["fences", "put-out"],
    stores: (sound) => ({
      ...sound,
      database: {
        ...sound.database,
        accounts: {
          ...sound.database.accounts,
          raiseFence: async (...of) => {
            const raised = await sound.database.accounts.raiseFence(...of);
            return raised.ok ? { ok: true, value: { ...raised.value, fence: Fence(1) } } : raised;
          },
        },
      },
    }),
  },
  {
    name: "a lock is written over any version",
    seenBy: "lock-owners",
    stores: withLocks((store) => ({
      compareAndSet: async (change) => {
        const { lock } = await store.load(change.key);
        return store.compareAndSet({ ...change, expectedVersion: lock?.version ?? 0 });
      },
    })),
  },
  {
    name: "a save is acknowledged and never written",
    seenBy: ["acknowledged-saves", "progress"],
    stores: withCharacters((characters) => {
      const isForgotten = everyNth(4);
      return { saveMany: async (saves) => (isForgotten() ? new Map() : characters.saveMany(saves)) };
    }),
  },
  {
    name: "a save is stored with any number",
    seenBy: "acknowledged-saves",
    firstSeed: 63,
    stores: withCharacters((characters) => {
      let count = 0;
      const asNewest = (save: CharacterSave): CharacterSave => {
        count += 1;
        return { ...save, saveNumber: count };
      };
      return {
        pass: (save, to) => characters.pass(asNewest(save), to),
        saveMany: (saves) => characters.saveMany(saves.map(asNewest)),
      };
    }),
  },
  {
    name: "a world state is changed whatever its version is",
    seenBy: "world-states",
    stores: withWorldStates((states) => ({
      change: async (world, key, change) => {
        const version = (await states.read(world, [key])).get(key)?.version ?? 0;
        return states.change(world, key, { ...change, version });
      },
    })),
  },
  {
    name: "the store of world states forgets which writes it has carried out",
    seenBy: "world-states",
    stores: withWorldStates((states) => {
      let number = 0;
      return {
        change: async (world, key, { writeId: { writer }, ...change }) => {
          number += 1;
          return states.change(world, key, { ...change, writeId: { writer, number } });
        },
      };
    }),
  },
  {
    name: "two worlds share their world states",
    seenBy: "world-states",
    firstSeed: 14,
    stores: withWorldStates((states) => ({
      read: (_world, keys) => states.read("Alpha", keys),
      change: (_world, ...of) => states.change("Alpha", ...of),
    })),
  },
  {
    name: "a store now and then gives no answer, not even an error",
    seenBy: ["answers", "lasting-locks"],
    firstSeed: 90,
    stores: withLocks((store) => {
      const isLost = everyNth(60);
      return {
        load: (key) => (key.startsWith("account") && isLost() ? new Promise(() => {}) : store.load(key)),
      };
    }),
  },
  {
    name: "a store fails with an error that no store gives",
    seenBy: "no-bugs",
    stores: withLocks((store) => {
      const fails = everyNth(40);
      return {
        load: (key) => (fails() ? Promise.reject(new TypeError("no such shard")) : store.load(key)),
      };
    }),
  },
  {
    name: "a sweep finds no due locks",
    seenBy: "recovery",
    stores: withLocks(() => ({ due: async () => [] })),
  },
  {
    name: "a granted account lock does not run out",
    seenBy: "recovery",
    cell: cellOf("account", "granted", "expire", () => "not-due"),
  },
  {
    name: "leaving a map does not release the account",
    seenBy: "recovery",
    cell: cell("character", "playing", "leave", () => go(free)),
  },
  {
    name: "a char-server releases the account of a newer login",
    seenBy: "lock-owners",
    firstSeed: 58,
    cell: cell("account", "held", "release", () => go(free)),
  },
  {
    name: "a new login takes the account from any owner",
    seenBy: "lock-owners",
    firstSeed: 14,
    cell: cellOf("account", "held", "grant", () => moveAt("account", "free", "grant")),
  },
  {
    name: "login ids of an earlier login stay valid",
    seenBy: "login-ids",
    cell: cell("account", "granted", "hold", (lock, { owner, loginId1, loginId2, sex }) =>
      go({ state: "held", loginId1, loginId2, sex, fence: lock["fence"], owner }),
    ),
  },
  {
    name: "a world takes an account that another world holds, by the ids of its login",
    seenBy: "lock-owners",
    firstSeed: 14,
    cell: cell("account", "held", "hold", (lock, { owner }) => go({ ...lock, owner })),
  },
  {
    name: "an evicted character is free before its map-server has saved it",
    seenBy: "lock-owners",
    cell: cell("character", "playing", "evict", (lock) =>
      go(free, { type: "release-account", loginId1: lock["loginId1"] }),
    ),
  },
  {
    name: "a map-server's yes counts even if it comes too late",
    seenBy: "account-under-character",
    firstSeed: 6,
    cell: cell("character", "free", "acknowledge", (_lock, command) => {
      const { type: _, ...of } = command;
      const ids = { loginId2: 1, sex: "male", accountFence: 1 };
      return go({ ...of, ...ids, state: "entering" });
    }),
  },
  {
    name: "a server may connect a second time, and its first incarnation is forgotten",
    seenBy: "server-ends",
    firstSeed: 10,
    cell: cellOf("server", "away", "connect", () => moveAt("server", "absent", "connect")),
  },
];
