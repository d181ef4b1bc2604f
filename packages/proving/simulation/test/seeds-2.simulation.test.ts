import { test } from "vitest";
import { everythingHolds } from "./seeds.ts";

test("every promise holds in a thousand lives of the cluster, which reach every wanted situation", ({
  task,
}) => everythingHolds(1001, 1_000, task.meta));
