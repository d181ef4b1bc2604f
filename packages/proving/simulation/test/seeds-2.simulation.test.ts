import { test } from "vitest";
import { everythingHolds } from "./seeds.ts";

test("every promise holds in a thousand lives of the cluster, which come through all that is wanted", ({
  task,
}) => everythingHolds(1001, 1_000, task.meta));
