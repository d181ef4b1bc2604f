import type { EndReason, Refusal } from "@sallyport/sdk";
import type { HarbourEvent, Item, Ware } from "./harbour.ts";
import { known } from "./known.ts";
import type { LogLine } from "./map-screen.ts";
import type { Direction, Near } from "./surroundings.ts";
import type { Texts } from "./texts.ts";

const directions: Readonly<Record<Direction, string>> = {
  north: "Norden",
  northeast: "Nordosten",
  east: "Osten",
  southeast: "Südosten",
  south: "Süden",
  southwest: "Südwesten",
  west: "Westen",
  northwest: "Nordwesten",
};

const cells = (count: number): string => (count === 1 ? "1 Feld" : `${count} Felder`);
const whereIs = ({ direction, cells: count }: Near): string => `${cells(count)} im ${directions[direction]}`;

/** Instead of those below, where the name of a character was refused. */
const ofCharacters: Partial<Record<Refusal | EndReason, string>> = {
  "name-invalid":
    "Ein Name hat 3 bis 20 Buchstaben, Ziffern oder Unterstriche, außer wenn diese Welt eine andere Regel hat.",
};

const refusals: Readonly<Record<Refusal | EndReason, string>> = {
  unavailable: "Der Server kann das gerade nicht.",
  busy: "Der Server hat gerade zu viel zu tun.",
  "out-of-order": "Der Server hat das jetzt nicht erwartet.",
  "name-invalid": "Ein Name hat 3 bis 20 Buchstaben, Ziffern oder Unterstriche.",
  "name-taken": "Diesen Namen, oder einen, der ihm gleicht, gibt es schon.",
  "email-invalid": "Das ist keine E-Mail-Adresse.",
  "email-taken": "Diese E-Mail-Adresse hat schon ein anderes Konto.",
  "email-unconfirmed":
    "Die E-Mail-Adresse dieses Kontos ist noch nicht bestätigt. Ein Brief mit einem Code ist unterwegs.",
  "invitation-invalid": "Dieser Einladungscode gilt nicht oder nicht mehr.",
  "code-invalid": "Dieser Code gilt nicht oder nicht mehr.",
  "no-mail": "Dieser Server verschickt keine Post. Bitte den Betreiber um ein neues Passwort.",
  "audience-unknown": "Für diese Art von Server gibt es keine Ausweise.",
  "no-tokens": "Dieser Server stellt keine Ausweise aus.",
  "password-invalid": "Ein Passwort hat 6 bis 128 Zeichen.",
  "registration-closed": "Dieser Server nimmt keine neuen Konten an.",
  "wrong-name-or-password": "Der Name oder das Passwort ist falsch.",
  banned: "Du bist auf diesem Server gesperrt.",
  "address-banned": "Diese Adresse ist gesperrt.",
  "device-banned": "Dieses Gerät ist gesperrt.",
  "already-online": "Dieses Konto ist noch im Spiel. Wer damit spielt, wurde zum Gehen aufgefordert.",
  overtaken: "Eine neuere Anmeldung dieses Kontos kam dazwischen.",
  "no-world": "Zurzeit ist keine Welt offen.",
  "too-many-attempts": "Es gab zu viele falsche Passwörter. Versuche es später noch einmal.",
  "too-many-accounts": "Von hier aus wurden zu viele Konten angelegt. Versuche es morgen noch einmal.",
  "not-logged-in": "Die Anmeldung ist abgelaufen. Melde dich neu an.",
  "slot-invalid": "Diesen Platz für eine Figur gibt es nicht.",
  "slot-taken": "Auf diesem Platz ist schon eine Figur.",
  "not-yet": "Diese Figur kann gelöscht werden, aber noch nicht jetzt.",
  "no-such-character": "Dieses Konto hat keine solche Figur.",
  "map-unavailable": "Zurzeit hat kein Server die Karte dieser Figur.",
  "state-invalid": "Diese Figur passt nicht zum Spiel. Sag es dem Betreiber des Servers.",
  "not-expected": "Die Karte hat diese Figur nicht oder nicht mehr erwartet.",
  "no-path": "Dorthin führt kein Weg.",
  "too-fast": "So schnell kommt die Figur nicht dorthin.",
  outside: "So weit reicht die Karte nicht.",
  "too-many": "Das kam zu oft.",
  "not-reported": "Auf dieser Karte bewegt der Server die Figur.",
  "text-invalid": "Das lässt sich nicht sagen.",
  "no-such-room": "Diesen Raum gibt es nicht, oder er steht nicht allen offen.",
  muted: "Du darfst gerade nicht sprechen.",
  "not-allowed": "Das darfst du nicht anordnen.",
  "no-such-player": "Niemand mit diesem Namen spielt gerade.",
  "no-such-map": "Diese Karte gibt es nicht.",
  "no-such-actor": "So etwas ist dort nicht mehr.",
  "too-far": "Das ist zu weit weg.",
  "no-dialogue": "Dieses Gespräch ist zu Ende.",
  "no-shop": "Das gibt es hier nicht zu kaufen.",
  "too-dear": "Das kostet zu viel.",
  "no-room": "Dafür ist kein Platz.",
  "unknown-command": "Das Spiel auf diesem Server kennt diesen Befehl nicht.",
  invalid: "Das Spiel versteht diesen Befehl nicht.",
  refused: "Das erlaubt das Spiel nicht.",
  failed: "Das Spiel ist dabei gescheitert. Nichts ist geschehen.",
  unreachable: "Unter der Adresse des Servers antwortet niemand.",
  disconnected: "Die Verbindung ist abgebrochen.",
  "version-unsupported": "Der Server bedient diese Version der Seite nicht.",
  unanswered: "Der Server hat nicht rechtzeitig geantwortet.",
  "not-sendable": "Das ist zu lang, oder es enthält Zeichen, die sich nicht senden lassen.",
  "server-not-genuine":
    "Der Server konnte nicht zeigen, dass er dieses Konto kennt. Vielleicht ist er nicht, was er vorgibt.",
  "logged-in-elsewhere": "Jemand hat sich anderswo mit diesem Konto angemeldet.",
  "second-choice": "Eine zweite Figur wurde gewählt, während die erste unterwegs war.",
  "lock-lost": "Ein anderer Server hat diese Figur übernommen.",
  "server-stopping": "Der Server wird beendet.",
  "cluster-link-lost":
    "Die Server haben einander verloren. Die Figur ist, wie sie zuletzt gespeichert wurde.",
  "timed-out": "Von dieser Seite war zu lange nichts zu hören.",
  "save-failed": "Die Figur konnte nicht gespeichert werden.",
  kicked: "Ein Betreiber hat dich aus dem Spiel genommen.",
  "credential-changed": "Das Passwort wurde geändert. Melde dich mit dem neuen an.",
  left: "Du bist gegangen.",
};

const moment = new Intl.DateTimeFormat("de", { dateStyle: "long", timeStyle: "short" });

const keys = { gold: "Goldstücke", bag: "Beutel", quest: "Auftrag", title: "Titel" };
const items: Readonly<Record<Item, string>> = {
  bread: "Brot",
  rope: "Seil",
  lantern: "Laterne",
  shell: "Muscheln",
};
const quest = { none: "noch keiner", asked: "Mara Muscheln bringen", done: "Mara hat ihre Kette" };
const words = { "not-in-bag": "Das ist nicht in deinem Beutel." };
const uses: Readonly<Record<Ware, string>> = {
  bread: "teilt warmes Brot mit den Möwen.",
  rope: "macht ein Boot am Kai fest. Der Knoten hält.",
  lantern: "zündet eine Laterne an.",
};

const zones = {
  "the lamp room": "die Stube unter dem Leuchtfeuer",
  "the market": "der Markt",
  "the pier": "der Steg",
  "the rocks": "die Klippen",
};

const visitors = (count: number): string => (count === 1 ? "1 Besucher" : `${count} Besucher`);

function told(event: HarbourEvent): string {
  switch (event.name) {
    case "bag.used":
      return `${event.body.by} ${known(uses, event.body.item) ?? event.body.text}`;
    case "chest.opened":
      return `Du hast ${event.body.gold} Goldstücke gefunden.`;
    case "sign.read":
      return `Das Schild hat ${visitors(event.body.visitors)} gezählt.`;
    case "visitor.came":
      return `Jemand ist zum ersten Mal hier. Das Schild hat jetzt ${visitors(event.body.visitors)} gezählt.`;
    case "zone.entered":
      return `Hier ist ${known(zones, event.body.title) ?? event.body.title}.`;
  }
}

function line(of: LogLine): string {
  switch (of.kind) {
    case "said":
      return `${of.name}: ${of.text}`;
    case "announced":
      return of.from === null ? `Durchsage: ${of.text}` : `Durchsage von ${of.from}: ${of.text}`;
    case "arrived":
      return `Du bist auf der Karte ${of.map}.`;
    case "refused":
      return known(words, of.word ?? "") ?? refusals[of.refusal];
    case "game":
      return told(of.event);
    case "bought":
      return `Du hast ${of.amount} × ${of.name} gekauft.`;
    case "surroundings":
      return [
        `Du bist bei ${of.x},${of.y} auf ${of.map}.`,
        of.free.length === 0
          ? "Kein Weg ist frei."
          : `Freie Wege: ${of.free.map((each) => directions[each]).join(", ")}.`,
        of.warp === null ? "" : `Der nächste Weg auf eine andere Karte: ${whereIs(of.warp)}.`,
        of.actors.length === 0
          ? "Niemand ist in der Nähe."
          : `In der Nähe: ${of.actors.map((each) => `${each.name} (${whereIs(each)})`).join(", ")}.`,
      ]
        .filter((each) => each !== "")
        .join(" ");
  }
}

export const german: Texts = {
  title: "Sallyport",
  subtitle: "Eine kleine Welt zum Umhergehen.",
  language: "Sprache",
  forms: {
    "log-in": "Anmelden",
    register: "Registrieren",
    "ask-reset": "Schick mir einen Code",
    reset: "Neues Passwort setzen",
    confirm: "E-Mail-Adresse bestätigen",
  },
  toForm: {
    "log-in": "Ich habe ein Konto",
    register: "Ich bin neu hier",
    "ask-reset": "Ich habe mein Passwort vergessen",
    reset: "Ich habe einen Code",
    confirm: "Ich habe einen Code für meine Adresse",
  },
  name: "Name",
  nameOrEmail: "Name oder E-Mail-Adresse",
  email: "E-Mail-Adresse",
  emailHint: "Manche Server verlangen sie. Du kannst dich auch mit ihr anmelden.",
  invitation: "Einladungscode",
  invitationHint: "Nur, wenn du einen hast.",
  code: "Code aus dem Brief",
  newPassword: "Neues Passwort",
  nameHint: "3 bis 20 Buchstaben, Ziffern oder Unterstriche",
  password: "Passwort",
  passwordHint: "6 bis 128 Zeichen. Es wird nur gesendet, wenn du dich mit einer E-Mail-Adresse anmeldest.",
  sex: "Geschlecht",
  female: "weiblich",
  male: "männlich",
  chooseWorld: "Welche Welt?",
  players: (count) => (count === 1 ? "1 Spieler" : `${count} Spieler`),
  characters: "Deine Figuren",
  noCharacters: "Du hast noch keine Figur.",
  play: (name) => `${name} spielen`,
  remove: (name) => `${name} löschen`,
  removeForGood: (name) => `${name} endgültig löschen?`,
  removeYes: "Ja, löschen",
  removeNo: "Nein, behalten",
  newCharacter: "Eine neue Figur",
  characterName: "Name der Figur",
  create: "Erschaffen",
  slotsFull: "Für eine weitere Figur ist kein Platz.",
  logOut: "Abmelden",
  toCharacters: "Figuren",
  map: "Karte",
  mapHelp:
    "Pfeiltasten oder W, A, S, D gehen. X beschreibt die Umgebung. I führt zu dem, was du hast. Die Eingabetaste führt zum Chat.",
  lookAround: "Beschreibe meine Umgebung",
  chat: "Chat und Ereignisse",
  chatLabel: "Sag etwas",
  say: "Sagen",
  things: "Was in der Nähe ist",
  use: {
    talk: (name) => `Mit ${name} sprechen`,
    open: (name) => `${name} öffnen`,
    read: (name) => `${name} lesen`,
    take: (name) => `${name} aufheben`,
    "turn-to": (name) => `${name} zuwenden`,
  },
  next: "Weiter",
  close: "Schließen",
  shopOf: (name) => `${name} verkauft`,
  price: (price) => `je ${price}`,
  amountOf: (name) => `Anzahl von ${name}`,
  buy: (name) => `${name} kaufen`,
  belongings: "Was du hast",
  empty: "leer",
  keyName: (key) => known(keys, key) ?? key,
  meaning: (key, value) => (key === "quest" ? known(quest, value) : null) ?? value,
  itemName: (item) => known(items, item) ?? item,
  useItem: (name) => `${name} benutzen`,
  unknownEvents: "Ereignisse des Spiels, die diese Seite nicht kennt",
  nobodyNear: "Niemand ist in der Nähe.",
  near: (names) => `In der Nähe: ${names.join(", ")}`,
  place: (map, x, y) => `${map} ${x},${y}`,
  working: "Einen Moment …",
  proving: "Das Passwort wird bewiesen, ohne es zu senden …",
  lost: (reason) => `${reason} Die Seite versucht, dich zurückzubringen.`,
  nextTry: (attempt, seconds) => `Versuch ${attempt} in ${seconds} s`,
  trying: (attempt) => `Versuch ${attempt} …`,
  tryNow: "Jetzt versuchen",
  giveUp: "Aufgeben",
  takenOver: "Von einer anderen Anmeldung übernommen",
  ended: "Das Spiel ist hier zu Ende",
  lastTry: (refusal) => `Der letzte Versuch zurückzukommen ist gescheitert: ${refusal}`,
  playHere: "Hier weiterspielen",
  news: {
    "letter-sent": () => "Wenn ein Konto diese Adresse hat, ist ein Brief mit einem Code unterwegs.",
    "password-set": () => "Das neue Passwort gilt. Melde dich damit an.",
    "email-confirmed": () => "Deine Adresse ist bestätigt. Jetzt kannst du dich anmelden.",
    welcome: (name) => `Willkommen, ${name}.`,
    created: (name) => `${name} ist erschaffen.`,
    deleted: (name) => `${name} ist gelöscht.`,
  },
  refusal: (code, about) => (about === "character" ? ofCharacters[code] : undefined) ?? refusals[code],
  banEnds: (untilMs) =>
    untilMs === null ? "Die Sperre hat kein Ende." : `Die Sperre endet am ${moment.format(untilMs)}.`,
  operatorSays: (text) => `Der Betreiber schreibt: ${text}`,
  directions,
  line,
};
