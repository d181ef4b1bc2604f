import { describeRefusal } from "@sallyport/sdk";
import type { HarbourEvent, Item } from "./harbour.ts";
import { known } from "./known.ts";
import type { LogLine } from "./map-screen.ts";
import type { Direction, Near } from "./surroundings.ts";
import type { Texts } from "./texts.ts";

const directions: Readonly<Record<Direction, string>> = {
  north: "north",
  northeast: "northeast",
  east: "east",
  southeast: "southeast",
  south: "south",
  southwest: "southwest",
  west: "west",
  northwest: "northwest",
};

const cells = (count: number): string => (count === 1 ? "1 cell" : `${count} cells`);
const whereIs = ({ direction, cells: count }: Near): string => `${cells(count)} ${directions[direction]}`;

const moment = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });

const keys = { gold: "Gold", bag: "Bag", quest: "Quest", title: "Title" };
const items: Readonly<Record<Item, string>> = {
  bread: "Bread",
  rope: "Rope",
  lantern: "Lantern",
  shell: "Shells",
};
const quest = { none: "none yet", asked: "bring shells to Mara", done: "Mara has her necklace" };
const words = { "not-in-bag": "This is not in your bag." };

const visitors = (count: number): string => (count === 1 ? "1 visitor" : `${count} visitors`);

function told(event: HarbourEvent): string {
  switch (event.name) {
    case "bag.used":
      return `${event.body.by} ${event.body.text}`;
    case "chest.opened":
      return `You found ${event.body.gold} gold.`;
    case "sign.read":
      return `The sign has counted ${visitors(event.body.visitors)}.`;
    case "visitor.came":
      return `A new visitor came. The sign has now counted ${visitors(event.body.visitors)}.`;
    case "zone.entered":
      return `This is ${event.body.title}.`;
  }
}

function line(of: LogLine): string {
  switch (of.kind) {
    case "said":
      return `${of.name}: ${of.text}`;
    case "announced":
      return of.from === null ? `Announcement: ${of.text}` : `${of.from} announces: ${of.text}`;
    case "arrived":
      return `You are on the map ${of.map}.`;
    case "refused":
      return known(words, of.word ?? "") ?? describeRefusal(of.refusal);
    case "game":
      return told(of.event);
    case "bought":
      return `You bought ${of.amount} × ${of.name}.`;
    case "surroundings":
      return [
        `You are at ${of.x},${of.y} on ${of.map}.`,
        of.free.length === 0
          ? "No way is free."
          : `Free ways: ${of.free.map((each) => directions[each]).join(", ")}.`,
        of.warp === null ? "" : `The nearest way to another map is ${whereIs(of.warp)}.`,
        of.actors.length === 0
          ? "Nobody is near."
          : `Near: ${of.actors.map((each) => `${each.name} (${whereIs(each)})`).join(", ")}.`,
      ]
        .filter((each) => each !== "")
        .join(" ");
  }
}

export const english: Texts = {
  title: "Sallyport",
  subtitle: "A small world to walk in.",
  language: "Language",
  forms: {
    "log-in": "Log in",
    register: "Register",
    "ask-reset": "Send me a code",
    reset: "Set a new password",
    confirm: "Confirm the e-mail address",
  },
  toForm: {
    "log-in": "I have an account",
    register: "I am new here",
    "ask-reset": "I forgot my password",
    reset: "I have a code",
    confirm: "I have a code for my address",
  },
  name: "Name",
  nameOrEmail: "Name or e-mail address",
  email: "E-mail address",
  emailHint: "Some servers need it. You can log in with it, too.",
  invitation: "Invitation code",
  invitationHint: "Only if you have one.",
  code: "Code from the letter",
  newPassword: "New password",
  nameHint: "3 to 20 letters, digits or underscores",
  password: "Password",
  passwordHint: "6 to 128 characters. It is sent only if you log in by e-mail.",
  sex: "Sex",
  female: "female",
  male: "male",
  chooseWorld: "Which world?",
  players: (count) => (count === 1 ? "1 player" : `${count} players`),
  characters: "Your characters",
  noCharacters: "You have no character yet.",
  play: (name) => `Play ${name}`,
  remove: (name) => `Delete ${name}`,
  removeForGood: (name) => `Delete ${name} for good?`,
  removeYes: "Yes, delete",
  removeNo: "No, keep",
  newCharacter: "A new character",
  characterName: "Name of the character",
  create: "Create",
  slotsFull: "There is no room for another character.",
  logOut: "Log out",
  toCharacters: "Characters",
  map: "Map",
  mapHelp:
    "Arrow keys or W, A, S, D walk. X describes what is around you. I leads to what you have. Enter goes to the chat.",
  lookAround: "Describe what is around me",
  chat: "Chat and events",
  chatLabel: "Say something",
  say: "Say",
  things: "What is near",
  use: {
    talk: (name) => `Talk to ${name}`,
    open: (name) => `Open ${name}`,
    read: (name) => `Read ${name}`,
    take: (name) => `Pick up ${name}`,
    "turn-to": (name) => `Turn to ${name}`,
  },
  next: "Next",
  close: "Close",
  shopOf: (name) => `${name} sells`,
  price: (price) => `${price} each`,
  amountOf: (name) => `Number of ${name}`,
  buy: (name) => `Buy ${name}`,
  belongings: "What you have",
  empty: "empty",
  keyName: (key) => known(keys, key) ?? key,
  meaning: (key, value) => (key === "quest" ? known(quest, value) : null) ?? value,
  itemName: (item) => known(items, item) ?? item,
  useItem: (name) => `Use ${name}`,
  unknownEvents: "Events of the game that this page does not know",
  nobodyNear: "Nobody is near.",
  near: (names) => `Near: ${names.join(", ")}`,
  place: (map, x, y) => `${map} ${x},${y}`,
  working: "One moment …",
  proving: "Proving the password without sending it …",
  lost: (reason) => `${reason} The page tries to bring you back.`,
  nextTry: (attempt, seconds) => `Attempt ${attempt} in ${seconds} s`,
  trying: (attempt) => `Attempt ${attempt} …`,
  tryNow: "Try now",
  giveUp: "Give up",
  takenOver: "Taken over by another login",
  ended: "The game has ended here",
  lastTry: (refusal) => `The last attempt to come back failed: ${refusal}`,
  playHere: "Play here again",
  news: {
    "letter-sent": () => "If an account has this address, a letter with a code is on its way.",
    "password-set": () => "The new password is set. Log in with it.",
    "email-confirmed": () => "Your address is confirmed. You can log in now.",
    welcome: (name) => `Welcome, ${name}.`,
    created: (name) => `${name} is created.`,
    deleted: (name) => `${name} is deleted.`,
  },
  refusal: describeRefusal,
  banEnds: (untilMs) =>
    untilMs === null ? "The ban has no end." : `The ban ends on ${moment.format(untilMs)}.`,
  operatorSays: (text) => `The operator says: ${text}`,
  directions,
  line,
};
