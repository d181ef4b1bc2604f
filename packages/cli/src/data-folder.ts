import { join } from "node:path";
import { type CookieJar, cookieFile, type Log, textSetting } from "@sallyport/server-kit";

/** What a process keeps on disk. */
export const dataFolderSetting = textSetting(
  "SALLYPORT_DATA",
  "folder of the embedded database, and of the cookies by which a char- or map-server comes back when it is started again",
  { fallback: "data" },
);

/** Of one server of one tier. */
export const cookiesIn = (folder: string, tier: "char" | "map", server: string, log: Log): CookieJar =>
  cookieFile({ folder: join(folder, "cookies"), name: `${tier}-${server}`, log });
