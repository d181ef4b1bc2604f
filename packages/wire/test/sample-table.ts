import {
  bytes,
  defineMessages,
  flag,
  list,
  nullable,
  oneOf,
  record,
  text,
  u8,
  u16,
  u32,
  u53,
  withFallback,
} from "../src/index.ts";

/** This table has every kind of field, alone and nested, in a request, in its reply and in notices. */
export const sampleTable = defineMessages({
  "sample.everything": {
    id: 0x0001,
    doc: "Holds every kind of field.",
    fields: {
      small: u8("a byte"),
      port: u16(),
      id: u32(),
      fence: u53(),
      name: text(24, "shown to others"),
      key: bytes(4, 32),
      ready: flag(),
      mood: oneOf(["calm", "angry"]),
      tags: list(text(8), 16),
      position: record({ map: text(24), x: u16(), y: u16() }),
      guild: nullable(record({ guildId: u32(), ranks: list(u8(), 4) })),
      grid: list(list(nullable(flag()), 3), 3),
    },
    reply: { fence: u53(), notes: list(record({ note: text(100) }), 10) },
    refusals: ["unavailable", "busy"],
  },
  "sample.nothing": { id: 0x0002, doc: "Holds nothing.", fields: {}, reply: {}, refusals: [] },
  "sample.notice": {
    id: 0xffff,
    doc: "Is not answered.",
    fields: { note: text(200), blob: bytes(0, 1 << 16) },
  },
});

/** The newer table has the same message with more fields at its end. */
export const olderTable = defineMessages({
  "map.walk": { id: 0x0302, doc: "", fields: { x: u16() }, reply: { steps: u16() }, refusals: [] },
});
export const newerTable = defineMessages({
  "map.walk": {
    id: 0x0302,
    doc: "",
    fields: { x: u16(), y: withFallback(u16(), 7), running: withFallback(flag(), false) },
    reply: { steps: u16(), stepMs: withFallback(nullable(u16()), null) },
    refusals: ["no-path"],
  },
});
