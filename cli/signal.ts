/** Waiting for the signal that ends a server, and the exit status that tells which it was. */

/** 128 and the signal's number, as shells have it. */
const STATUS_OF_SIGNAL = { SIGINT: 130, SIGTERM: 0 } as const;

/** Resolves at the first signal; a second one ends the process at once. */
export async function untilStopped(): Promise<void> {
  const signal = await new Promise<keyof typeof STATUS_OF_SIGNAL>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, resolve);
  });
  process.exitCode = STATUS_OF_SIGNAL[signal];
}
