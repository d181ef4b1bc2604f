import type { Order } from "../history/fact.ts";
import type { History } from "../history/history.ts";

/** What became of an order. */
export interface GivenOrder {
  readonly account: string;
  readonly what: Order["what"];
  readonly detail: string;
  readonly askedMs: number;
  /** It was carried out before this time. Null: it was refused, or nobody knows. */
  readonly doneMs: number | null;
  /** Nothing of it happens after this time. Infinity: nobody knows. */
  readonly endMs: number;
  readonly isRefused: boolean;
}

export function givenOrders(history: History): GivenOrder[] {
  const orders = new Map<string, GivenOrder>();
  for (const { id, account, what, detail, atMs, change } of history.of("order")) {
    const asked: GivenOrder = orders.get(id) ?? {
      ...{ account, what, detail, askedMs: atMs, doneMs: null },
      ...{ endMs: Number.POSITIVE_INFINITY, isRefused: false },
    };
    if (change === "asked") orders.set(id, asked);
    if (change === "done") orders.set(id, { ...asked, doneMs: atMs, endMs: atMs });
    if (change === "refused") orders.set(id, { ...asked, endMs: atMs, isRefused: true });
  }
  return [...orders.values()];
}

export interface Ban {
  readonly account: string;
  readonly askedMs: number;
  /** The ban certainly holds from here on. */
  readonly sinceMs: number;
  /** The ban certainly holds up to here. */
  readonly untilMs: number;
  /** The ban certainly holds no more from here on. */
  readonly overMs: number;
}

export function bansIn(orders: readonly GivenOrder[]): Ban[] {
  return orders.flatMap(({ account, what, askedMs, doneMs }) => {
    if (what !== "ban") return [];
    const lift = orders.find(
      (each) => each.what === "unban" && each.account === account && each.askedMs >= askedMs,
    );
    const untilMs = lift?.askedMs ?? Number.POSITIVE_INFINITY;
    const overMs = lift?.doneMs ?? Number.POSITIVE_INFINITY;
    return [{ account, askedMs, sinceMs: doneMs ?? Number.POSITIVE_INFINITY, untilMs, overMs }];
  });
}
