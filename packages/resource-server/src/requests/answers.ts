import { z } from "zod";
import { levelSchema, levelWords } from "./fields.ts";

/* The values of answers, as schemas: for the OpenAPI document, the reference page, and tests. */

const id = (doc: string) => z.int().min(1).describe(doc);
const seconds = (doc: string) => z.int().describe(`${doc}, in seconds since 1970`);

export const answers = {
  nothing: z.null(),
  leaderboardId: id("id of the leaderboard"),
  leaderboardName: z.string().describe("its name"),
  ascending: z.boolean().describe("whether the lowest score is the best"),
  level: levelSchema.describe(`level: ${levelWords}`),
  entryId: id("id of the entry"),
  userId: id("id of the user"),
  identity: z.string().describe("name of the user"),
  score: z.number().describe("the score"),
  submitted: seconds("when it was submitted"),
  registered: seconds("when the user showed its first token"),
  verified: z.boolean().describe("whether it is verified"),
  verifierId: id("id of the user who verified it, or null").nullable(),
  verifier: z.string().nullable().describe("name of that user, or null"),
  verifiedAt: z.int().nullable().describe("when it was verified, in seconds since 1970, or null"),
  written: seconds("when it was written"),
  content: z.string().describe("the comment"),
  fileId: id("id of the proof"),
  fileName: z.string().describe("name of the file"),
  file: z.string().describe("content of the file, in base64"),
} as const;
