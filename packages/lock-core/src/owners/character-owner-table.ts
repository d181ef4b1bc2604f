import { type Decision, decideBy, go, type Move, no, type StateTable } from "../machine.ts";
import type {
  AtMapServer,
  CharacterLine,
  CharacterOwner,
  CharacterOwnerEffect,
  CharacterOwnerEvent,
  CharacterOwnerRefusal,
  Departure,
  Entering,
  Expected,
  Hopping,
  Leaving,
  Playing,
  Saves,
} from "./character-owner.ts";

type Effect = CharacterOwnerEffect;
type Step = Decision<CharacterOwner, Effect, CharacterOwnerRefusal>;
type Table = StateTable<CharacterOwner, CharacterOwnerEvent, Effect, CharacterOwnerRefusal, AtMapServer>;
type Of<Type extends CharacterOwnerEvent["type"]> = Extract<CharacterOwnerEvent, { type: Type }>;
type Cell<From extends CharacterOwner, Type extends CharacterOwnerEvent["type"]> = Move<
  CharacterOwner,
  From,
  Of<Type>,
  Effect,
  CharacterOwnerRefusal,
  AtMapServer
>;

/** After a save was refused or not answered, the map-server pauses for this time before the next save. */
const saveRetryMs = 5_000;

export const expectedCharacter = (saveDueMs: number): CharacterOwner => ({ state: "expected", saveDueMs });
const gone: CharacterOwner = { state: "gone" };

const takeFromMap: Effect = { type: "take-from-map" };
const tell = (reason: Departure["reason"]): readonly Effect[] =>
  reason === null ? [] : [{ type: "tell", reason }];
const say = (line: CharacterLine, said: Omit<Extract<Effect, { type: "say" }>, "type" | "line">): Effect => ({
  type: "say",
  line,
  ...said,
});

const savesOf = ({ newest, saving, isStoredKnown, saveDueMs, unsavedSinceMs }: Saves): Saves => ({
  newest,
  saving,
  isStoredKnown,
  saveDueMs,
  unsavedSinceMs,
});
const play = (saves: Saves, ...effects: readonly Effect[]): Step =>
  go({ ...savesOf(saves), state: "playing" }, ...effects);

const beginSave = (state: Playing): Step => {
  const save = state.newest + 1;
  return play({ ...state, newest: save, saving: save, isStoredKnown: false }, { type: "ask-save", save });
};

/** The character leaves and was on no map, so nothing has changed since the hand-over. */
const leaveUnseen = (
  { to, reason }: Departure,
  kickReason: Leaving["kickReason"],
  ...before: readonly Effect[]
): Step =>
  go<CharacterOwner, Effect>({ state: "leaving", to, reason, kickReason, saving: null }, ...before, {
    type: "ask-leave",
    to,
    save: null,
    onlyIfChanged: true,
  });
const leaveMap = (
  { newest, saving, isStoredKnown }: Saves,
  { to, reason }: Departure,
  kickReason: Leaving["kickReason"],
  ...after: readonly Effect[]
): Step =>
  go<CharacterOwner, Effect>(
    { state: "leaving", to, reason, kickReason, saving },
    takeFromMap,
    { type: "ask-leave", to, save: newest + 1, onlyIfChanged: isStoredKnown },
    ...after,
  );
/** A client that was kicked before is told the reason of that kick. */
const drop =
  (takes: readonly Effect[]) =>
  (state: CharacterOwner, { reason }: Of<"drop">): Step => {
    const kickReason = "kickReason" in state ? state.kickReason : null;
    return go<CharacterOwner, Effect>(
      gone,
      ...takes,
      say("dropped", { reason }),
      ...tell(kickReason ?? reason),
    );
  };

/** An answer to an earlier save comes too late. */
const ofSave =
  <S extends { readonly saving: number | null }, E extends { readonly save: number }>(
    step: (state: S, event: E, at: AtMapServer) => Step,
  ) =>
  (state: S, event: E, at: AtMapServer): Step =>
    state.saving === event.save ? step(state, event, at) : no("late");
const ofHop =
  <E extends { readonly save: number }>(step: (state: Hopping, event: E) => Step) =>
  (state: Hopping, event: E): Step =>
    state.newest === event.save ? step(state, event) : no("late");

/** A hop may have been stored after this save. */
const saved = <S extends Playing | Hopping>(state: S, { save }: Of<"saved">): S => ({
  ...state,
  saving: null,
  unsavedSinceMs: null,
  isStoredKnown: save === state.newest,
});
const notSaved = <S extends Playing | Hopping>(state: S, { nowMs }: AtMapServer): S => ({
  ...state,
  saving: null,
  unsavedSinceMs: state.unsavedSinceMs ?? nowMs,
});

const leaveBeforeMap: Cell<Expected | Entering, "leave"> = {
  to: ["leaving"],
  step: (state, departure) => leaveUnseen(departure, state.state === "entering" ? state.kickReason : null),
};

const notEntering = { granted: "late", "not-granted": "late" } as const;
const noSave = { saved: "late", "not-saved": "late" } as const;
const notPlaying = { autosave: "not-playing", save: "not-playing" } as const;
const noHop = { hop: "not-playing", hopped: "late", "not-hopped": "late" } as const;
const notLeaving = { left: "late", "not-left": "late" } as const;

export const characterOwnerTable: Table = {
  expected: {
    enter: {
      to: ["entering"],
      step: ({ saveDueMs }) => go({ state: "entering", saveDueMs, kickReason: null }),
    },
    ...notEntering,
    "wait-over": { to: ["gone"], step: () => go(gone) },
    ...notPlaying,
    ...noSave,
    ...noHop,
    kick: { to: ["leaving"], step: (_state, { reason }) => leaveUnseen({ to: "offline", reason }, reason) },
    leave: leaveBeforeMap,
    ...notLeaving,
    drop: { to: ["gone"], step: drop([]) },
  },
  entering: {
    enter: "not-expected",
    granted: {
      to: ["playing", "leaving"],
      step: ({ saveDueMs, kickReason }, { isConnected }) =>
        kickReason !== null || !isConnected
          ? leaveUnseen({ to: "offline", reason: kickReason }, kickReason)
          : play({ newest: 0, saving: null, isStoredKnown: true, saveDueMs, unsavedSinceMs: null }),
    },
    // This server may own the lock, and the char-server may wait for its release, for example during an
    // eviction. If another server owns the lock, the release does nothing.
    "not-granted": {
      to: ["leaving"],
      step: ({ kickReason }) =>
        leaveUnseen({ to: "offline", reason: null }, kickReason, { type: "let-go-of-client" }),
    },
    "wait-over": "client-came",
    ...notPlaying,
    ...noSave,
    ...noHop,
    // The char-server has not answered yet, so the kick takes effect after the answer.
    kick: {
      to: ["entering"],
      step: (state, { reason }) => go({ ...state, kickReason: state.kickReason ?? reason }),
    },
    leave: leaveBeforeMap,
    ...notLeaving,
    drop: { to: ["gone"], step: drop([]) },
  },
  playing: {
    enter: "not-expected",
    ...notEntering,
    "wait-over": "client-came",
    autosave: {
      to: ["playing", "leaving"],
      step: (state, { isChanged }, { nowMs, autosaveMs, unsavedMs }) => {
        if (state.saving !== null) return no("saving");
        const { unsavedSinceMs } = state;
        if (unsavedSinceMs !== null && nowMs - unsavedSinceMs >= unsavedMs)
          return leaveMap(state, { to: "offline", reason: "save-failed" }, null);
        if (nowMs < state.saveDueMs) return no("not-due");
        const next = { ...state, saveDueMs: nowMs + autosaveMs };
        return state.isStoredKnown && !isChanged ? go(next) : beginSave(next);
      },
    },
    save: {
      to: ["playing"],
      step: (state, _event, { nowMs, autosaveMs }) =>
        state.saving === null ? beginSave({ ...state, saveDueMs: nowMs + autosaveMs }) : no("saving"),
    },
    saved: { to: ["playing"], step: ofSave((state: Playing, event: Of<"saved">) => go(saved(state, event))) },
    "not-saved": {
      to: ["playing", "leaving"],
      step: ofSave((state: Playing, { why }: Of<"not-saved">, at) => {
        const next = notSaved(state, at);
        // The map-server still asks for the release: if the lock store records this server as the owner,
        // nothing else would end the lock.
        if (why === "lock-lost") return leaveMap(next, { to: "offline", reason: why }, null, ...tell(why));
        // After `no-link`, the next save is due as soon as there is a link.
        const againMs = why === "no-link" ? at.nowMs : at.nowMs + saveRetryMs;
        const saveDueMs = Math.min(state.saveDueMs, againMs);
        return play({ ...next, saveDueMs }, say("save-failed", { why }));
      }),
    },
    hop: {
      to: ["hopping"],
      step: (state, { to }) => {
        const save = state.newest + 1;
        const saves = { ...savesOf(state), newest: save, isStoredKnown: false };
        const next: CharacterOwner = { ...saves, state: "hopping", to, departure: null, kickReason: null };
        return go<CharacterOwner, Effect>(next, { type: "ask-hop", save, to });
      },
    },
    hopped: "late",
    "not-hopped": "late",
    kick: {
      to: ["leaving"],
      step: (state, { reason }) => leaveMap(state, { to: "offline", reason }, reason),
    },
    leave: { to: ["leaving"], step: (state, departure) => leaveMap(state, departure, null) },
    ...notLeaving,
    drop: { to: ["gone"], step: drop([takeFromMap]) },
  },
  hopping: {
    enter: "not-expected",
    ...notEntering,
    "wait-over": "client-came",
    ...notPlaying,
    // The hop may have overtaken this save, so only the answer to the hop matters.
    saved: { to: ["hopping"], step: ofSave((state: Hopping, event: Of<"saved">) => go(saved(state, event))) },
    "not-saved": {
      to: ["hopping"],
      step: ofSave((state: Hopping, _event: Of<"not-saved">, at) => go(notSaved(state, at))),
    },
    hop: "not-playing",
    hopped: {
      to: ["gone"],
      step: ofHop(({ to }) => go<CharacterOwner, Effect>(gone, takeFromMap, say("hopped", { map: to.map }))),
    },
    // The char-server may still carry out the hop later. It is unknown what is stored, so a newer save
    // follows.
    "not-hopped": {
      to: ["playing", "leaving"],
      step: ofHop((state, { why }: Of<"not-hopped">) => {
        const { to, departure, kickReason } = state;
        const said = say("not-hopped", { map: to.map, why });
        const isHere = why === "map-unavailable" || why === "state-invalid";
        if (isHere && departure === null) return play(state, said);
        // Another server may own the character now. The map-server still asks for the release: if the lock
        // store records this server as the owner, nothing else would end the lock.
        const reason = kickReason ?? (why === "lock-lost" ? why : "save-failed");
        const leaves = isHere && departure !== null ? departure : ({ to: "offline", reason } as const);
        return leaveMap(state, leaves, kickReason, said);
      }),
    },
    // During a hop, another map-server possibly owns the character already. So if the player is kicked or
    // leaves now, this server first waits for the answer to the hop request.
    kick: {
      to: ["hopping"],
      step: (state, { reason }) =>
        go({
          ...state,
          departure: state.departure ?? { to: "offline", reason },
          kickReason: state.kickReason ?? reason,
        }),
    },
    leave: {
      to: ["hopping"],
      step: (state, { to, reason }) => go({ ...state, departure: state.departure ?? { to, reason } }),
    },
    ...notLeaving,
    drop: { to: ["gone"], step: drop([takeFromMap]) },
  },
  leaving: {
    enter: "not-expected",
    ...notEntering,
    "wait-over": "client-came",
    ...notPlaying,
    saved: "late",
    "not-saved": {
      to: ["leaving"],
      step: ofSave((state: Leaving, { why }: Of<"not-saved">) =>
        go<CharacterOwner, Effect>(
          { ...state, saving: null },
          ...(why === "lock-lost" ? tell(why) : [say("save-failed", { why })]),
        ),
      ),
    },
    ...noHop,
    kick: {
      to: ["leaving"],
      step: (state, { reason }) => go({ ...state, kickReason: state.kickReason ?? reason }),
    },
    leave: "leaving",
    left: {
      to: ["gone"],
      step: ({ to, reason }, { isReleased }) =>
        go<CharacterOwner, Effect>(
          gone,
          say(isReleased ? "left" : "not-released", { to, reason }),
          ...tell(reason),
        ),
    },
    "not-left": {
      to: ["gone"],
      step: ({ reason }, { why }) =>
        go<CharacterOwner, Effect>(
          gone,
          say("last-save-failed", { why }),
          ...tell(reason ?? (why === "lock-lost" ? why : "save-failed")),
        ),
    },
    drop: { to: ["gone"], step: drop([]) },
  },
  gone: {
    enter: "not-expected",
    ...notEntering,
    "wait-over": "gone",
    autosave: "gone",
    save: "gone",
    ...noSave,
    ...noHop,
    kick: "gone",
    leave: "gone",
    ...notLeaving,
    drop: "gone",
  },
};

export const decideCharacterOwner = (
  owner: CharacterOwner,
  event: CharacterOwnerEvent,
  at: AtMapServer,
): Step => decideBy(characterOwnerTable, owner, event, at);
