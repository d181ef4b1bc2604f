import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "../src/embedded/index.ts";
import { migrate } from "../src/index.ts";
import { storeContract } from "./contract.ts";

storeContract("stores on the embedded Postgres", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sallyport-test-"));
  const { url, stop } = await startEmbeddedPostgres({ folder });
  await migrate(url);
  return {
    url,
    close: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
});
