import { test } from "vitest";
import { everythingHolds } from "./seeds.ts";

test("every promise holds in five hundred lives of the cluster, which reach every wanted situation", ({
  task,
}) => everythingHolds(1, 500, task.meta));
