import { defineMessages, MessageCodec, text, u16, u32 } from "@sallyport/wire";

const fields = {
  accountId: u32(),
  charId: u32(),
  loginId1: u32(),
  loginId2: u32(),
  name: text(24),
  map: text(24),
  x: u16(),
  y: u16(),
};

const echoTable = defineMessages({
  "echo.say": { id: 1, doc: "Is answered with the same fields.", fields, reply: fields, refusals: [] },
});
const nothing = defineMessages({});

export const asking = new MessageCodec(echoTable);
export const answering = new MessageCodec(nothing);
export type Asking = typeof echoTable;
export type Answering = typeof nothing;

/** This message is about as large as the messages between servers during a hop. */
export const message = {
  ...{ accountId: 2_000_017, charId: 150_017, loginId1: 3_141_592_653, loginId2: 2_718_281_828 },
  ...{ name: "player00017", map: "field", x: 117, y: 342 },
};
