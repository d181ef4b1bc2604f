import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CharacterOwner,
  type CharacterOwnerEffect,
  type CharacterOwnerEvent,
  type CharacterOwnerRefusal,
  characterOwnerTable,
  type Departure,
  decideBy,
  go,
} from "../src/index.ts";
import {
  anyOf,
  countOf,
  holds,
  holdsForKnown,
  nothing,
  type Step,
  type Subject,
  type Wrong,
  withFault,
  words,
} from "./random-program.ts";
import { nowMs } from "./sample-locks.ts";

const durations = { autosaveMs: 10_000, unsavedMs: 60_000 };

const reason = fc.constantFrom<NonNullable<Departure["reason"]>>(
  "logged-in-elsewhere",
  "lock-lost",
  "server-stopping",
);
const save = fc.nat(4);
const to = fc.constantFrom({ map: "moor", x: 1, y: 2 });
const why = fc.constantFrom("lock-lost", "map-unavailable", "no-link", "unanswered");

const events = anyOf<CharacterOwnerEvent>({
  enter: nothing,
  granted: fc.record({ isConnected: fc.boolean() }),
  "not-granted": nothing,
  "wait-over": nothing,
  autosave: fc.record({ isChanged: fc.boolean() }),
  save: nothing,
  saved: fc.record({ save }),
  "not-saved": fc.record({ save, why }),
  hop: fc.record({ to }),
  hopped: fc.record({ save }),
  "not-hopped": fc.record({ save, why }),
  kick: fc.record({ reason }),
  leave: fc.record({ to: fc.constantFrom("char-select", "offline"), reason: fc.option(reason) }),
  left: fc.record({ isReleased: fc.boolean() }),
  "not-left": fc.record({ why }),
  drop: fc.record({ reason }),
});

const isOfHop = ({ type }: CharacterOwnerEvent): boolean => type === "hopped" || type === "not-hopped";
const awaited = (owner: CharacterOwner, event: CharacterOwnerEvent): number | null | undefined => {
  if (isOfHop(event)) return owner.state === "hopping" ? owner.newest : undefined;
  return "saving" in owner ? owner.saving : undefined;
};
const aim = (event: CharacterOwnerEvent, owner: CharacterOwner): CharacterOwnerEvent =>
  "save" in event ? { ...event, save: awaited(owner, event) ?? event.save } : event;

const isOnMap = ({ state }: CharacterOwner): boolean => state === "playing" || state === "hopping";
const newestOf = (owner: CharacterOwner): number => ("newest" in owner ? owner.newest : 0);
const savingOf = (owner: CharacterOwner) => ("saving" in owner ? owner.saving : null);
const kickOf = (owner: CharacterOwner) => ("kickReason" in owner ? owner.kickReason : null);

/** After each of these events, the map-server has nothing of the character that it must release. */
const ends: readonly CharacterOwnerEvent["type"][] = ["wait-over", "hopped", "left", "not-left", "drop"];

function wrongs({
  before,
  command: event,
  next,
  effects,
  nowMs,
}: Step<CharacterOwner, CharacterOwnerEvent, CharacterOwnerEffect>): Wrong[] {
  const did = (type: CharacterOwnerEffect["type"]): boolean => countOf(effects, type) > 0;
  const asked = effects.flatMap((effect) =>
    "save" in effect && effect.save !== null ? [{ ...effect, save: effect.save }] : [],
  );
  const told = effects.flatMap((effect) => (effect.type === "tell" ? [effect.reason] : []));
  const [was, is] = [kickOf(before), kickOf(next)];
  const learnt =
    "isStoredKnown" in next && next.isStoredKnown && "isStoredKnown" in before && !before.isStoredKnown;
  return [
    countOf(effects, "ask-leave") !== Number(next.state === "leaving" && before.state !== "leaving") &&
      "keeps the lock, or gives it back twice",
    next.state === "gone" && !ends.includes(event.type) && "keeps the lock, or gives it back twice",
    event.type === "wait-over" && before.state !== "expected" && "forgets a character whose client came",
    before.state === "hopping" &&
      (did("ask-leave") || did("ask-save")) &&
      event.type !== "not-hopped" &&
      "acts on a character that may have gone to another server",
    "save" in event && awaited(before, event) !== event.save && "took the answer to another request",
    asked.some((ask) => ask.save !== newestOf(before) + 1) && "gives two states one number",
    asked.length > 0 && next.state !== "leaving" && newestOf(next) !== newestOf(before) + 1 && "miscounts",
    did("ask-save") && savingOf(before) !== null && "saves while a save is under way",
    (savingOf(next) !== null && savingOf(next) !== savingOf(before)) !== did("ask-save") &&
      "waits for a save that it never asked for",
    (next.state === "hopping" && before.state !== "hopping") !== did("ask-hop") && "waits for no hop",
    countOf(effects, "take-from-map") !== Number(isOnMap(before) && !isOnMap(next)) &&
      "stays on the map, or leaves it twice",
    was !== null && next.state !== "gone" && is !== was && "forgets why it was kicked",
    was !== null && next.state === "playing" && "plays on although it was kicked",
    before.state === "hopping" &&
      before.departure !== null &&
      next.state === "playing" &&
      "plays on although it has to leave",
    event.type === "drop" && told[0] !== (was ?? event.reason) && "tells another reason",
    next.state === "gone" &&
      before.state === "leaving" &&
      before.reason !== null &&
      told.length === 0 &&
      "tells no reason",
    "why" in event &&
      event.why === "lock-lost" &&
      next.state !== "gone" &&
      next.state !== "leaving" &&
      before.state === "playing" &&
      "plays on without the lock",
    learnt &&
      !(event.type === "saved" && event.save === newestOf(before)) &&
      "takes a state as stored that may not be",
    did("ask-leave") &&
      "isStoredKnown" in before &&
      !before.isStoredKnown &&
      effects.some((effect) => effect.type === "ask-leave" && effect.onlyIfChanged) &&
      "leaves unsaved",
    "unsavedSinceMs" in next &&
      event.type === "autosave" &&
      nowMs - (next.unsavedSinceMs ?? nowMs) >= durations.unsavedMs &&
      "plays on although its saves fail",
    before.state === "gone" && "goes on after its end",
  ];
}

const saves = { newest: 0, saving: null, isStoredKnown: true, saveDueMs: nowMs, unsavedSinceMs: null };
const saving = { ...saves, newest: 2, saving: 2, isStoredKnown: false };
const unsaved = { ...saves, newest: 3, isStoredKnown: false, unsavedSinceMs: nowMs - durations.unsavedMs };
const hopping = {
  state: "hopping",
  to: { map: "moor", x: 1, y: 2 },
  departure: null,
  kickReason: null,
} as const;
const leaving = { state: "leaving", to: "offline", reason: null, kickReason: null, saving: null } as const;
const samples = {
  expected: { state: "expected", saveDueMs: nowMs },
  entering: { state: "entering", saveDueMs: nowMs, kickReason: null },
  kicked: { state: "entering", saveDueMs: nowMs, kickReason: "second-choice" },
  playing: { state: "playing", ...saves },
  saving: { state: "playing", ...saving },
  overtaken: { state: "playing", ...saving, newest: 3 },
  unsaved: { state: "playing", ...unsaved },
  notDue: { state: "playing", ...saves, saveDueMs: nowMs + durations.autosaveMs },
  hopping: { ...hopping, ...saves, newest: 1, isStoredKnown: false },
  overtaking: { ...hopping, ...saving, newest: 3 },
  leaving,
  leavingUnsaved: { ...leaving, saving: 2, reason: "server-stopping" },
  gone: { state: "gone" },
} as const satisfies { readonly [name: string]: CharacterOwner };

const subjectOf = (
  table: typeof characterOwnerTable,
): Subject<CharacterOwner, CharacterOwnerEvent, CharacterOwnerEffect> => ({
  table,
  initial: { state: "gone" },
  samples,
  decide: (owner, event, at) => decideBy(table, owner, event, { ...at, ...durations }),
  deadlineOf: () => null,
  ownerOf: () => null,
  commands: events,
  aim,
  refusals: words<CharacterOwnerRefusal>({
    late: true,
    "not-expected": true,
    "client-came": true,
    "not-playing": true,
    saving: true,
    "not-due": true,
    leaving: true,
    gone: true,
  }),
  timed: [],
  wrongs,
});

test("under any events, a character is saved in order, acts only as its owner, and gives its lock back once", () => {
  holds(subjectOf(characterOwnerTable));
});

const { entering, playing } = characterOwnerTable;
const at = { nowMs, ...durations };
const leaves = (owner: typeof samples.playing): CharacterOwnerEffect[] => [
  { type: "take-from-map" },
  { type: "ask-leave", to: "offline", save: owner.newest + 1, onlyIfChanged: false },
];

test.each([
  [
    "a client that was not admitted kept the lock",
    "keeps the lock, or gives it back twice",
    withFault(characterOwnerTable, "entering", "not-granted", {
      to: ["gone"],
      step: () => go({ state: "gone" }),
    }),
  ],
  [
    "a client that was kicked while it entered played",
    "plays on although it was kicked",
    withFault(characterOwnerTable, "entering", "granted", {
      to: ["playing", "leaving"],
      step: (owner, event) =>
        typeof entering.granted === "string" || event.isConnected
          ? go(samples.playing)
          : entering.granted.step(owner, event, at),
    }),
  ],
  [
    "a kick did not wait for the hop",
    "acts on a character that may have gone to another server",
    withFault(characterOwnerTable, "hopping", "kick", {
      to: ["leaving"],
      step: ({ saving }, { reason }) =>
        go<CharacterOwner, CharacterOwnerEffect>(
          { state: "leaving", to: "offline", reason, kickReason: reason, saving },
          ...leaves(samples.playing),
        ),
    }),
  ],
  [
    "a second kick replaced the first",
    "forgets why it was kicked",
    withFault(characterOwnerTable, "leaving", "kick", {
      to: ["leaving"],
      step: (owner, { reason }) => go({ ...owner, kickReason: reason }),
    }),
  ],
  [
    "the answer to an older hop counted",
    "took the answer to another request",
    withFault(characterOwnerTable, "hopping", "hopped", {
      to: ["gone"],
      step: () => go<CharacterOwner, CharacterOwnerEffect>({ state: "gone" }, { type: "take-from-map" }),
    }),
  ],
  [
    "the answer to a save that a hop overtook said what is stored",
    "takes a state as stored that may not be",
    withFault(characterOwnerTable, "playing", "saved", {
      to: ["playing"],
      step: (owner, event) =>
        owner.saving === event.save
          ? go({ ...owner, saving: null, isStoredKnown: true })
          : { ok: false, refusal: "late" },
    }),
  ],
  [
    "a save began before the last one was answered",
    "saves while a save is under way",
    withFault(characterOwnerTable, "playing", "autosave", {
      to: ["playing", "leaving"],
      step: (owner, event, at) =>
        typeof playing.autosave === "string"
          ? { ok: false, refusal: "saving" }
          : playing.autosave.step({ ...owner, saving: null }, event, at),
    }),
  ],
  [
    "a client that asked for a save did not wait for the one under way",
    "saves while a save is under way",
    withFault(characterOwnerTable, "playing", "save", {
      to: ["playing"],
      step: (owner, event, at) =>
        typeof playing.save === "string"
          ? { ok: false, refusal: "saving" }
          : playing.save.step({ ...owner, saving: null }, event, at),
    }),
  ],
  [
    "a hop took the number of the last save",
    "gives two states one number",
    withFault(characterOwnerTable, "playing", "hop", {
      to: ["hopping"],
      step: (owner, { to }) =>
        go<CharacterOwner, CharacterOwnerEffect>(
          { ...owner, ...hopping, to, isStoredKnown: false },
          { type: "ask-hop", save: owner.newest, to },
        ),
    }),
  ],
  [
    "a hopped character stayed on its map",
    "stays on the map, or leaves it twice",
    withFault(characterOwnerTable, "hopping", "hopped", {
      to: ["gone"],
      step: (owner, { save }) =>
        owner.newest === save ? go({ state: "gone" }) : { ok: false, refusal: "late" },
    }),
  ],
  [
    "a late answer to the entry put a dropped character on the map",
    "goes on after its end",
    withFault(characterOwnerTable, "gone", "granted", {
      to: ["playing"],
      step: () => go(samples.playing),
    }),
  ],
])("it would be seen if %s", (_fault, words, table) => {
  expect(() => holdsForKnown(subjectOf(table))).toThrow(words);
});
