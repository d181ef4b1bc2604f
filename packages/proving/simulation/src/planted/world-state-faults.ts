import type { SourceFault } from "./source-fault.ts";

const ofMapServer = "packages/map-server/src/world-state.ts";

/** Planted faults in how the state of a world is changed. */
export const worldStateFaults: readonly SourceFault[] = [
  {
    name: "a change of a world state is repeated under a new write id",
    file: "packages/map-server/src/world-states.ts",
    find: `    const ask = async () => (this.#phase === "over" ? null : this.#deps.link.changeWorld(write));`,
    put: `    let again = number - 1;
    const ask = async () =>
      this.#phase === "over" ? null : this.#deps.link.changeWorld({ ...write, number: ++again });`,
    note: "What one player does counts twice.",
    test: {
      file: "packages/map-server/test/world-states.test.ts",
      title: "whose outcome is unknown is repeated under the same write id, and made once",
    },
  },
  {
    name: "a change of a world state that meets a newer version is dropped",
    file: ofMapServer,
    find: `waiting: [...again, ...state.waiting] }`,
    put: `waiting: state.waiting }`,
    note: "What a player does at the same moment as another one does not count.",
    test: {
      file: "packages/map-server/test/world-states.test.ts",
      title: "that another server overtook is computed again from the state that is read then",
    },
  },
  {
    name: "changes of a world state that were written are written again",
    file: ofMapServer,
    find: `  const settled = { ...state, write: null };`,
    put: `  const settled = { ...state, write: null, waiting: [...write.changes, ...state.waiting] };`,
    note: "A counter on a sign never stands still.",
    test: {
      file: "packages/map-server/test/world-states.test.ts",
      title: "is computed from the initial state while nothing is stored, and is then the newest state",
    },
  },
  {
    name: "a change of a world state that is refused is answered as stored",
    file: "packages/char-server/src/world-states.ts",
    find: `    if (!changed.ok) return changed;`,
    put: `    if (!changed.ok) return accepted({ version });`,
    note: "What a player does at the same moment as another one does not count.",
    test: {
      file: "packages/char-server/test/world-states.test.ts",
      title: "from an older version is refused, and nobody is told",
    },
  },
  {
    name: "a late answer to a read brings back an older world state",
    file: ofMapServer,
    find: `const isNewest = versionIn(event.stored) >= versionOf(state) || event.since >= versionOf(state);`,
    put: `const isNewest = true;`,
    note: "Players see a counter go down.",
    test: {
      file: "packages/map-server/test/world-states.test.ts",
      title: "that a key was deleted are believed, but not if the answer is older than the newest change",
    },
  },
];
