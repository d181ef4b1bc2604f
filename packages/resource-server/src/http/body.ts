import { accepted, type Outcome, refused } from "@sallyport/domain";
import { usualRequestBytesMax } from "../requests/request.ts";

/**
 * Reads a body of at most this many bytes. A body in chunks has no length in its header, so the bytes are counted
 * as they come. `admitLong` is called at most once, when the body turns out to be longer than usual; the answer is
 * `busy` if it returns false. Resolves to a refusal also if the client breaks off.
 */
export async function bytesOf(
  request: Request,
  bytesMax: number,
  admitLong: () => boolean,
): Promise<Outcome<Uint8Array, "too-long" | "malformed" | "busy">> {
  let isLong = false;
  const refusalOf = (bytes: number): "too-long" | "busy" | null => {
    if (bytes > bytesMax) return "too-long";
    if (isLong || bytes <= usualRequestBytesMax) return null;
    isLong = true;
    return admitLong() ? null : "busy";
  };
  const early = refusalOf(Number(request.headers.get("content-length") ?? 0));
  if (early !== null) return refused(early);
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  try {
    for (let bytes = 0; ; ) {
      const read = await reader?.read();
      if (read?.value === undefined) return accepted(Buffer.concat(chunks));
      bytes += read.value.length;
      const refusal = refusalOf(bytes);
      if (refusal !== null) {
        await reader?.cancel();
        return refused(refusal);
      }
      chunks.push(read.value);
    }
  } catch {
    return refused("malformed");
  }
}
