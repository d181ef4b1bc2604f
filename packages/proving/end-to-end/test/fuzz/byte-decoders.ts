import { isDeepStrictEqual } from "node:util";
import { encodeFrame, type Frame, FrameSplitter, frameKinds, WireError } from "@sallyport/wire";
import fc from "fast-check";
import { packList, unpackList } from "../../../../wire/src/message-pack.ts";
import type { Decoder } from "./decoder.ts";
import { judge } from "./decoder.ts";
import { anyPacked, outOfOrder, spoiledBytes } from "./spoil.ts";
import { anyStream, streamDecoder } from "./stream.ts";

const frameBytesMax = 600;

const anyFrame = fc
  .tuple(fc.constantFrom(...frameKinds), fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 2 * frameBytesMax }))
  .map(([kind, id, body]) => encodeFrame(kind, id, body));

const frames: Decoder = streamDecoder({
  name: "frames",
  bytes: anyStream(outOfOrder(fc.array(anyFrame, { maxLength: 6 }))),
  open: () => {
    const splitter = new FrameSplitter(frameBytesMax);
    return {
      receive(chunk) {
        const got = [...splitter.push(chunk)];
        if (splitter.heldBytes >= frameBytesMax) throw new Error(`holds ${splitter.heldBytes} bytes`);
        for (const frame of got) checkFrame(frame);
        return got;
      },
      said: () => [],
    };
  },
});

function checkFrame({ kind, correlationId, body }: Frame): void {
  const [again, ...more] = new FrameSplitter(frameBytesMax).push(encodeFrame(kind, correlationId, body));
  if (more.length > 0 || !isDeepStrictEqual(again, { kind, correlationId, body: new Uint8Array(body) }))
    throw new Error("encoded again, a frame is another");
}

const messagePack: Decoder = {
  name: "message-pack",
  property: (tally) => {
    const valid = fc.array(anyPacked, { maxLength: 12 }).map((values) => new Uint8Array(packList(values)));
    const bytes = fc.oneof({ weight: 6, arbitrary: spoiledBytes(valid) }, fc.uint8Array({ maxLength: 100 }));
    return fc.property(bytes, (packed) => {
      const verdict = judge(tally, WireError, packed.length, () => unpackList(packed));
      if (!verdict.taken) return;
      const again = unpackList(new Uint8Array(packList(verdict.value)));
      if (!isDeepStrictEqual(again, verdict.value)) throw new Error("packed again, it is something else");
    });
  },
};

export const byteDecoders: readonly Decoder[] = [frames, messagePack];
