import type { Clock } from "@sallyport/clock";
import { orUnavailable } from "../running/unavailable.ts";
import type { LogLines } from "../telemetry/log.ts";
import { answerLabel, type Metrics } from "../telemetry/metrics.ts";

interface Around {
  /** The kind of server at the other end. */
  readonly of: string;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: LogLines;
  readonly metrics: Metrics;
}

type Handler = (message: never) => unknown;
type Answer = Parameters<typeof answerLabel>[0];

/**
 * Wraps the handlers of a link. A request that needs a store that does not answer is refused as unavailable.
 * Each request is counted and timed. Notices are not: they have no answer.
 */
export function requestHandlers<H extends object>(handlers: H, { of, clock, log, metrics }: Around): H {
  const wrapped = Object.entries(handlers as Record<string, Handler>).map(([request, handle]) => [
    request,
    (message: never): unknown => {
      const startedMs = clock.nowMs();
      const answering = handle(message);
      if (!(answering instanceof Promise)) return answering;
      return orUnavailable<Answer>(log, () => answering).then((answer) => {
        metrics.count("linkRequests", { with: of, request, answer: answerLabel(answer) });
        metrics.observe("linkRequestSeconds", { with: of, request }, (clock.nowMs() - startedMs) / 1_000);
        return answer;
      });
    },
  ]);
  return Object.fromEntries(wrapped) as H;
}
