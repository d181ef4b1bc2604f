import type { CharDoor, CommandName, EventName } from "@sallyport/domain";
import { defineMessages, text, u8, u16, u32 } from "@sallyport/wire";
import { expect, test } from "vitest";
import {
  type CommandsFit,
  type charDoorEvents,
  type charDoorMessages,
  type EventsFit,
  mapDoorEvents,
  type NothingElse,
} from "../src/native/index.ts";

/*
 * The servers use a native table as the vocabulary of its door, without a translation. The compiler checks
 * that this is sound: each `@ts-expect-error` below is at a table that does not fit its door.
 */

const alike = defineMessages({
  "char.delete": {
    id: 1,
    doc: "",
    fields: { charId: text(4) },
    reply: {},
    refusals: ["no-such-character", "unavailable", "busy", "out-of-order"],
  },
  "char.choose": {
    id: 2,
    doc: "",
    fields: { charId: u32() },
    reply: { charId: u32(), map: text(24), port: u16(), extra: u8() },
    refusals: ["no-such-character", "map-unavailable", "unavailable", "busy", "out-of-order"],
  },
  "char.create": { id: 3, doc: "", fields: { slot: u8(), name: text(64) } },
});

type Native = CommandsFit<CharDoor, typeof charDoorMessages>;
type Alike = CommandsFit<CharDoor, typeof alike>;
type Kicks = EventsFit<CharDoor, typeof charDoorEvents>;

test("a table that differs from the vocabulary of its door does not compile", () => {
  const fits: [Native["char.enter"], Native["char.choose"], Kicks["client.kicked"]] = [true, true, true];
  // @ts-expect-error this command has a field of another type
  const otherField: Alike["char.delete"] = true;
  // @ts-expect-error the vocabulary does not have this reply
  const otherReply: Alike["char.choose"] = true;
  // @ts-expect-error the table gives this command no reply
  const unanswered: Alike["char.create"] = true;
  // @ts-expect-error the table lacks this command
  const lacking: Alike["char.enter"] = true;
  // @ts-expect-error the vocabulary lacks this command
  const added: NothingElse<CommandName<CharDoor>, typeof mapDoorEvents>["actor.moved"] = true;
  // @ts-expect-error the vocabulary lacks this event
  const addedEvent: NothingElse<EventName<CharDoor>, typeof mapDoorEvents>["actor.said"] = true;
  // @ts-expect-error the row does not list the refusals, so a client could not tell them from nonsense
  const unlisted: CommandsFit<
    CharDoor,
    { "char.delete": Omit<DeleteRow, "refusals"> & { refusals: [] } }
  >["char.delete"] = true;
  expect([fits, otherField, otherReply, unanswered, lacking, added, addedEvent, unlisted]).not.toContain(
    false,
  );
});

type DeleteRow = (typeof charDoorMessages)["char.delete"];
