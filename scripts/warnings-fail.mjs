/** Options of rolldown with which every warning fails the build. */
export const warningsFail = {
  // A warning about slow plugins only says that the machine is busy.
  checks: { bundlerTimings: false },
  onLog(level, log) {
    if (level === "warn") throw new Error(log.message);
  },
};
