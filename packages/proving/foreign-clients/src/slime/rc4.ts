/** RC4 with a fresh key schedule, as the clients of 0.106 run it over each message. */
export function rc4(key: string, data: Uint8Array): Buffer {
  const state = Array.from({ length: 256 }, (_, n) => n);
  const keyBytes = Buffer.from(key, "latin1");
  let [i, j] = [0, 0];
  const swap = (): void => {
    const kept = state[i] as number;
    state[i] = state[j] as number;
    state[j] = kept;
  };
  for (i = 0; i < 256; i += 1) {
    j = (j + (state[i] as number) + (keyBytes[i % keyBytes.length] as number)) % 256;
    swap();
  }
  [i, j] = [0, 0];
  const mixed = Uint8Array.from(data, (byte) => {
    i = (i + 1) % 256;
    j = (j + (state[i] as number)) % 256;
    swap();
    return byte ^ (state[((state[i] as number) + (state[j] as number)) % 256] as number);
  });
  return Buffer.from(mixed);
}
