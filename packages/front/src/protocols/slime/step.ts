import { close, type Effect, go as goTo, type Step, send } from "../../protocol.ts";
import type { SlimeState } from "./state.ts";
import type { SlimeTold } from "./told.ts";

/* The steps of this protocol: one that goes on, and two that end the connection. */

export type Stepped = Step<SlimeState, SlimeTold>;
export type Effects = readonly Effect<SlimeTold>[];

export const go = goTo<SlimeState, SlimeTold>;

/** `why` is for the log. */
export const gone = (why: string, ...effects: Effects): Stepped =>
  go({ at: "leaving" }, ...effects, close(why));

/** Tells the client the reason first. */
export const bye = (why: string, reason: string): Stepped => gone(why, send({ type: "bye", reason }));

/** Where a character is that has no number of a room. */
export const nowhere = "You are in a place that this program cannot show.";
