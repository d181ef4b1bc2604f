import { createMemoryStores } from "../src/index.ts";
import { storeContract } from "./contract.ts";

storeContract("stores in memory", async () => ({ stores: createMemoryStores(), close: async () => {} }));
