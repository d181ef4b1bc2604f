import { bytes, defineMessages, MessageCodec, text, u16 } from "@sallyport/wire";

/** The asking end sends these messages. */
const askingTable = defineMessages({
  "gate.open": {
    id: 1,
    doc: "",
    fields: { gate: u16() },
    reply: { opened: u16() },
    refusals: ["locked", "busy"],
  },
  "gate.paint": { id: 2, doc: "", fields: { paint: bytes(0, 1 << 20) }, reply: {}, refusals: [] },
  "gate.seen": { id: 3, doc: "", fields: { gate: u16() } },
});

/** The answering end sends these messages in addition to its answers. */
const answeringTable = defineMessages({
  "keeper.call": {
    id: 1,
    doc: "",
    fields: { name: text(20) },
    reply: { came: text(20) },
    refusals: ["asleep"],
  },
  "keeper.told": { id: 2, doc: "", fields: { news: text(1_000) } },
});

export const asking = new MessageCodec(askingTable);
export const answering = new MessageCodec(answeringTable);
export type Asking = typeof askingTable;
export type Answering = typeof answeringTable;
