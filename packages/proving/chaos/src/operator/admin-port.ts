import { newNonce, nonceHeader } from "@sallyport/operator";

export interface AdminRequest {
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * `done`: the request was carried out. `unsure`: nobody knows, and it may still be carried out. Else the word
 * with which the server refused, and nothing was changed.
 */
export type AdminAnswer = string;

/** A server that stands still answers when it goes on, and a killed one ends its connections. */
const answerMs = 60_000;
/** These do not tell whether the request was carried out. A server that stood still gave up reading: 408. */
const unsure: ReadonlySet<number> = new Set([408, 429, 503]);

/** Asks as an operator does. Throws if the server calls the request wrong, because then this program is. */
export async function askAdmin(url: string, token: string, request: AdminRequest): Promise<AdminAnswer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL(request.path, url), {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        [nonceHeader]: newNonce(Date.now()),
      },
      body: JSON.stringify(request.fields),
      signal: AbortSignal.timeout(answerMs),
    });
    text = await response.text();
  } catch {
    return "unsure";
  }
  if (response.ok) return "done";
  if (unsure.has(response.status)) return "unsure";
  const refusal = refusalIn(text);
  const isWrong = response.status === 400 || response.status === 401 || response.status === 403;
  if (refusal === null || isWrong) throw new Error(`${request.path}: ${response.status} ${text}`);
  return refusal;
}

function refusalIn(text: string): string | null {
  try {
    const { refusal } = JSON.parse(text) as { readonly refusal?: unknown };
    return typeof refusal === "string" ? refusal : null;
  } catch {
    return null;
  }
}
