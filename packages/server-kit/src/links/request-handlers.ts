import type { Host } from "../running/host.ts";
import { orUnavailable } from "../running/unavailable.ts";
import { answerLabel } from "../telemetry/metrics.ts";

type Handler = (message: never) => unknown;
type Answer = Parameters<typeof answerLabel>[0];

/**
 * Wraps the handlers of a link. If a store does not answer, the request is refused as `unavailable`. Requests
 * are counted and timed. Notices are not, because they have no answer. `of` is the kind of server that sends
 * the requests.
 */
export function requestHandlers<H extends object>(
  { clock, log, metrics }: Pick<Host, "clock" | "log" | "metrics">,
  of: string,
  handlers: H,
): H {
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
