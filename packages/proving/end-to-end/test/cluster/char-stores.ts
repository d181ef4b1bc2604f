import {
  createAccountStore,
  createCharacterStore,
  createMapHostStore,
  createNetworkBans,
  createWorldStateStore,
  type Database,
} from "@sallyport/database";

/** What a char-server keeps in Postgres. */
export const charStoresOn = (database: Database) => ({
  accountOrders: createAccountStore(database),
  characters: createCharacterStore(database),
  mapHosts: createMapHostStore(database),
  networkBans: createNetworkBans(database),
  worldStates: createWorldStateStore(database),
});
