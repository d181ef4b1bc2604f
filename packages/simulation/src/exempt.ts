/** A mark that a run need not come to, and why. */
export interface Exempt {
  readonly mark: RegExp;
  readonly why: string;
}

const noLock = "judged before any lock is asked for; held by tests of its own";
const rare = "takes so many things at once that few seeds come to it";
const impossible = "the servers never ask for it so; it is there should they ever";

export const exemptMarks: readonly Exempt[] = [
  { mark: /^(login|char)\.\w+: refused (busy|banned|out-of-order)$/, why: noLock },
  { mark: /^map\.\w+: refused busy$/, why: noLock },
  { mark: /^map\.enter: refused out-of-order$/, why: noLock },
  { mark: /^login\.register: refused registration-closed$/, why: "anybody may register" },
  { mark: /^char\.create: refused map-unavailable$/, why: "characters begin on a map that is always hosted" },
  { mark: /^map\.walk: refused no-path$/, why: "the yards have no walls within" },
  { mark: /^map\.say: refused (text-invalid|unavailable)$/, why: noLock },
  { mark: /^map\.leave: refused unavailable$/, why: "asked too late only, and nobody waits that long" },
  { mark: /^link\.\w+: refused (version-unsupported|wrong-username-or-password)$/, why: noLock },
  { mark: /^character\.(save|leave|hop): refused state-invalid$/, why: "steps are easily stored" },

  { mark: /^character lock: refused stale-fence$/, why: impossible },
  { mark: /^character lock: abandon while returning$/, why: impossible },
  { mark: /^account\.kick: refused not-held$/, why: impossible },
  { mark: /^char\.choose: refused unavailable$/, why: "who chose in vain is sent away instead" },

  { mark: /^character lock: open while (choosing|handing-over)$/, why: rare },
  { mark: /^character lock: reclaim while (entering|hopping|evicting)$/, why: rare },
  { mark: /^character lock: (abandon while handing-over|expire while hopping)$/, why: rare },
  { mark: /^character lock: (return|leave|forfeit|evict|decline) while hopping$/, why: rare },
  { mark: /^character lock: refused (hopping|ids-differ|second-choice|too-late)$/, why: rare },
  { mark: /^character lock: refused not-(on-a-map|entering)$/, why: rare },
  { mark: /^server lock: (release while away|refused (not-owner|too-late|too-often))$/, why: rare },
  { mark: /^link\.(leave|reclaimed): refused unavailable$/, why: rare },
  { mark: /^account\.(owned|reclaim): refused unavailable$/, why: rare },
  { mark: /^character\.(enter|save|hop|reclaim): refused unavailable$/, why: rare },
  { mark: /^character\.(save|hop): refused lock-lost$/, why: rare },
  { mark: /^character\.expect: refused (map-not-hosted|stale-fence|stopping)$/, why: rare },
  { mark: /^map\.enter: refused unavailable$/, why: rare },
];

export const isExempt = (mark: string): boolean => exemptMarks.some((exempt) => exempt.mark.test(mark));
