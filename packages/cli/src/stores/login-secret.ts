import { clusterSecret, type Database } from "@sallyport/database";

/**
 * All login-servers on this database share this secret. So each of them offers the same salt for a name that
 * has no account.
 */
export const loginSecret = (database: Database): Promise<Uint8Array> => clusterSecret(database, "login");
