import { characterNameUnitsMax, isPlainObject, shopBounds } from "@sallyport/domain";
import { pageProblem } from "./check-dialogue.ts";
import {
  aHandler,
  aList,
  anOptionalHandler,
  aText,
  aWholeNumber,
  entriesOf,
  fail,
  fieldsOf,
} from "./demand.ts";

const u16Max = 0xffff;
const u32Max = 0xffff_ffff;
/** The bound for all distances, in cells. */
const cellsMax = 100;
const everyMsMin = 100;
const everyMsMax = 3_600_000;

const shared = ["kind", "name", "class", "state", "reachCells"];
const fieldsOfKind = {
  npc: [...shared, "clicked", "dialogue", "shop"],
  monster: [...shared, "mind", "clicked", "touched"],
  item: [...shared, "taken"],
};

/** Returns whether any actor has a shop. */
export function checkActors(actors: unknown, items: { readonly [name: string]: unknown }): boolean {
  let hasShop = false;
  for (const [, actor, path] of entriesOf(actors, "actors")) {
    const kind = isPlainObject(actor) ? actor["kind"] : undefined;
    if (kind !== "npc" && kind !== "monster" && kind !== "item") {
      fail(`${path}.kind`, 'is none of "npc", "monster" and "item"');
    }
    const fields = fieldsOf(actor, path, fieldsOfKind[kind]);
    aText(fields["name"], `${path}.name`, characterNameUnitsMax);
    if (fields["class"] !== undefined) aWholeNumber(fields["class"], `${path}.class`, 0, u16Max);
    if (fields["reachCells"] !== undefined)
      aWholeNumber(fields["reachCells"], `${path}.reachCells`, 0, cellsMax);
    if (fields["state"] !== undefined && !isPlainObject(fields["state"]))
      fail(`${path}.state`, "is no object");
    for (const handler of ["clicked", "touched"]) anOptionalHandler(fields[handler], `${path}.${handler}`);
    if (kind === "item") aHandler(fields["taken"], `${path}.taken`);
    checkDialogue(fields["dialogue"], `${path}.dialogue`);
    checkMind(fields["mind"], `${path}.mind`);
    if (fields["shop"] !== undefined) {
      checkShop(fields["shop"], `${path}.shop`, items);
      hasShop = true;
    }
  }
  return hasShop;
}

function checkDialogue(dialogue: unknown, path: string): void {
  if (dialogue === undefined) return;
  const pages = entriesOf(dialogue, path);
  if (!pages.some(([name]) => name === "start")) fail(path, "has no page `start`");
  for (const [, page, at] of pages) {
    if (typeof page === "function") {
      aHandler(page, at);
      continue;
    }
    const problem = pageProblem(page, dialogue as { readonly [name: string]: unknown });
    if (problem !== null) fail(at, problem);
  }
}

function checkMind(mind: unknown, path: string): void {
  if (mind === undefined) return;
  const { wanders, everyMs, chases } = fieldsOf(mind, path, ["wanders", "everyMs", "chases"]);
  aWholeNumber(wanders, `${path}.wanders`, 0, cellsMax);
  aWholeNumber(everyMs, `${path}.everyMs`, everyMsMin, everyMsMax);
  if (chases !== undefined) aWholeNumber(chases, `${path}.chases`, 1, cellsMax);
}

function checkShop(shop: unknown, path: string, items: { readonly [name: string]: unknown }): void {
  const wares = aList(shop, path);
  if (wares.length === 0 || wares.length > shopBounds.goodsMax) {
    fail(path, `has ${wares.length} goods, and a shop has 1 to ${shopBounds.goodsMax}`);
  }
  const seen = new Set<unknown>();
  for (const [index, ware] of wares.entries()) {
    const at = `${path}[${index}]`;
    const { item, price } = fieldsOf(ware, at, ["item", "price"]);
    if (typeof item !== "string" || !Object.hasOwn(items, item)) {
      fail(`${at}.item`, `is ${JSON.stringify(item)}, which is none of \`items\``);
    }
    if (seen.has(item)) fail(`${at}.item`, `is "${item}", which the shop has already`);
    seen.add(item);
    aWholeNumber(price, `${at}.price`, 0, u32Max);
  }
}

export function checkItems(value: unknown): { readonly [name: string]: unknown } {
  const names = new Map<unknown, string>();
  const items = entriesOf(value, "items");
  for (const [, item, path] of items) {
    const { id, name } = fieldsOf(item, path, ["id", "name"]);
    aWholeNumber(id, `${path}.id`, 1, u16Max);
    aText(name, `${path}.name`, shopBounds.nameMax);
    const other = names.get(id);
    if (other !== undefined) fail(`${path}.id`, `is ${String(id)}, which is the id of ${other} too`);
    names.set(id, path);
  }
  return Object.fromEntries(items.map(([name, item]) => [name, item]));
}
