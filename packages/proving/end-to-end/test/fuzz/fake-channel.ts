import type { ByteChannel, ChannelListener } from "@sallyport/link";

/** A channel whose peer is the test. If the receiver of bytes throws an error, the test gets it. */
export class FakeChannel implements ByteChannel {
  readonly transport = "memory";
  readonly remote = "192.0.2.1:1000";
  #listener: ChannelListener | null = null;
  isOpen = true;

  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  arrive(chunk: Uint8Array): void {
    this.#listener?.bytes(chunk);
  }

  hangUp(): void {
    this.#listener?.closed();
  }

  send(): void {}
  bufferedBytes(): number {
    return 0;
  }
  pause(): void {}
  resume(): void {}
  close(): void {
    this.isOpen = false;
  }
  destroy(): void {
    this.isOpen = false;
  }
}
