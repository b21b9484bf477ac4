/** Waiting for the signal that ends a server, and the exit status that tells which it was. */

/** 128 and the signal's number, as shells have it; whoever asks politely is told that it went well. */
const STATUS_OF_SIGNAL = { SIGINT: 130, SIGTERM: 0 } as const;

type StopSignal = keyof typeof STATUS_OF_SIGNAL;

/**
 * Resolves at the first signal; a second one, of either kind, ends the process at once. To be called before anything is announced: a signal that comes
 * while a server starts waits until it has started, instead of killing it half-way.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (signal: StopSignal) => {
      for (const name of Object.keys(STATUS_OF_SIGNAL)) process.removeListener(name, stop);
      process.exitCode = STATUS_OF_SIGNAL[signal];
      resolve();
    };
    for (const name of Object.keys(STATUS_OF_SIGNAL)) process.on(name, stop);
  });
}
