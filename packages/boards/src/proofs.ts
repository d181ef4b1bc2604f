import { open, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { proofBytes } from "./answer-text.ts";
import { boardRequests, proofTypes } from "./board-requests.ts";
import type { BoardsClient } from "./boards-client.ts";
import { wrongUsage } from "./failure.ts";

/** A resource-server takes no larger ones. */
const proofBytesMax = 6_000_000;

/** In base64, a smaller file fits into a request of usual length. */
const longBytesMin = 700_000;

/** Sends a file as a proof of an entry. Returns the data of the answer. Throws `BoardsFailure`. */
export async function addProof(client: BoardsClient, entryId: number, path: string): Promise<unknown> {
  const bytes = await bytesOf(path);
  // A server takes few long requests from clients whose token it has not seen on their connection.
  if (bytes.length >= longBytesMin) await client.ask(boardRequests.me.type, {});
  const proof = { filename: basename(path), file: bytes.toString("base64") };
  return client.ask(proofTypes.add, { entry_id: entryId, ...proof });
}

/** Asks for a proof, in base64. Throws `BoardsFailure`. */
export const downloadProof = (client: BoardsClient, fileId: number): Promise<unknown> =>
  client.ask(proofTypes.download, { file_id: fileId });

/** Writes a proof to a new file. Throws `BoardsFailure` if there is a file already. */
export async function writeProof(data: unknown, path: string): Promise<void> {
  try {
    await writeFile(path, proofBytes(data), { flag: "wx" });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw wrongUsage(code === "EEXIST" ? `${path} exists already` : `cannot write ${path}: ${message}`);
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      if (size === 0 || size > proofBytesMax)
        throw wrongUsage(`${path}: a proof has 1 to ${proofBytesMax} bytes, not ${size}`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw wrongUsage(`cannot read ${path}: ${message}`);
  }
}
