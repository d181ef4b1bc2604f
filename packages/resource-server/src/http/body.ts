import { accepted, type Outcome, refused } from "@sallyport/domain";

/**
 * Reads a body of at most this many bytes. A body in chunks has no length in its header, so the bytes are counted
 * as they come. Resolves to a refusal also if the client breaks off.
 */
export async function bytesOf(
  request: Request,
  bytesMax: number,
): Promise<Outcome<Uint8Array, "too-long" | "malformed">> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bytesMax) return refused("too-long");
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  try {
    for (let bytes = 0; ; ) {
      const read = await reader?.read();
      if (read?.value === undefined) return accepted(Buffer.concat(chunks));
      bytes += read.value.length;
      if (bytes > bytesMax) {
        await reader?.cancel();
        return refused("too-long");
      }
      chunks.push(read.value);
    }
  } catch {
    return refused("malformed");
  }
}
