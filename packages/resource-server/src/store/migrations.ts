import { fileURLToPath } from "node:url";
import { migrate } from "@sallyport/database";

/** This path works from both src/ and dist/. */
const folder = fileURLToPath(new URL("../../migrations", import.meta.url));

/** Applies missing migrations to the schema `resource`. The database may be that of the accounts. */
export const migrateResources = (url: string, log?: (message: string) => void): Promise<void> =>
  migrate(url, log, { folder, schema: "resource" });
