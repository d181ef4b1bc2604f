import { type ByteChannel, memoryChannelPair } from "@sallyport/link";
import { until } from "@sallyport/testkit";

/** A person at the line port of a front, over a channel in memory. `accept` is what `Front.serve` returns. */
export function linePerson(accept: (channel: ByteChannel) => void) {
  const [near, far] = memoryChannelPair(["person", "front"]);
  let screen = "";
  near.listen({
    bytes: (chunk) => {
      screen += Buffer.from(chunk).toString("utf8");
    },
    closed: () => {},
  });
  accept(far);
  return {
    types: (line: string): void => near.send(Buffer.from(`${line}\n`)),
    /** All that the person was told. */
    get screen(): string {
      return screen;
    },
    reads: (text: string): Promise<unknown> => until(() => screen.includes(text), { what: text }),
  };
}
