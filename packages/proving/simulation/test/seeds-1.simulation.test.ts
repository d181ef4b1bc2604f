import { test } from "vitest";
import { everythingHolds } from "./seeds.ts";

test("every promise holds in three hundred lives of the cluster, which reach every wanted situation", ({
  task,
}) => everythingHolds(1, 300, task.meta));
