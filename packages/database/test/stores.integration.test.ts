import { testDatabase } from "@sallyport/testkit";
import { migrate } from "../src/index.ts";
import { storeContract } from "./contract.ts";

storeContract("stores on Postgres", async () => {
  const { url, drop } = await testDatabase({ migrate, template: "sallyport" });
  return { url, close: drop };
});
