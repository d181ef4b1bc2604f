import { createTrailStore, type Database, TrailWriter } from "@sallyport/database";
import { about, countSetting } from "@sallyport/server-kit";
import type { Shell } from "../process/shell.ts";

const dayMs = 86_400_000;

/** Servers that note what happens to accounts have these settings. */
export const trailSettings = about("accounts", {
  retentionDays: countSetting(
    "TRAIL_RETENTION_DAYS",
    "Days after which rows of the trail, and the times of logins, are deleted from Postgres. 0 deletes none.",
    90,
    0,
    3_650,
  ),
});

export interface TrailNeeds {
  /** Name of the server. */
  readonly server: string;
  readonly retentionDays: number;
}

export function openTrail(
  { clock, wallMs, randomBytes, log, failed }: Shell,
  database: Database,
  { server, retentionDays }: TrailNeeds,
): TrailWriter {
  return new TrailWriter({
    store: createTrailStore(database),
    ...{ server, wallMs, randomBytes, failed },
    every: (periodMs, run) => clock.every(periodMs, run),
    retentionMs: retentionDays === 0 ? null : retentionDays * dayMs,
    leftOut: (entries) => log.warn({ entries }, "entries of the trail were left out"),
  });
}
