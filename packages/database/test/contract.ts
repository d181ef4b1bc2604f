import { afterAll, beforeAll, describe } from "vitest";
import { accountContract } from "./account-contract.ts";
import { accountOrdersContract } from "./account-orders-contract.ts";
import { characterChangeContract } from "./character-change-contract.ts";
import { characterContract } from "./character-contract.ts";
import { characterNameContract } from "./character-name-contract.ts";
import { identityContract } from "./identity-contract.ts";
import { mapHostContract } from "./map-host-contract.ts";
import { networkBansContract } from "./network-bans-contract.ts";
import { type OpenedStores } from "./sample-rows.ts";
import { scoreContract } from "./score-contract.ts";
import { tokenContract } from "./token-contract.ts";
import { worldStateContract } from "./world-state-contract.ts";

export function storeContract(name: string, open: () => Promise<OpenedStores>): void {
  describe(name, () => {
    let opened: OpenedStores;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    describe("accounts", () => accountContract(() => opened.stores));
    describe("names, addresses and codes of accounts", () => identityContract(() => opened.stores));
    describe("orders about accounts", () => accountOrdersContract(() => opened.stores));
    describe("bans of networks and devices", () => networkBansContract(() => opened.stores.networkBans));
    describe("identity tokens", () => tokenContract(() => opened.stores));
    describe("characters", () => characterContract(() => opened.stores));
    describe("changes of characters", () => characterChangeContract(() => opened.stores));
    describe("names of characters", () => characterNameContract(() => opened.stores));
    describe("hosts of maps", () => mapHostContract(() => opened.stores.mapHosts));
    describe("scores", () => scoreContract(() => opened.stores));
    describe("world states", () => worldStateContract(() => opened.stores.worldStates));
  });
}
