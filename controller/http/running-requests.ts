/**
 * The requests that a server is at work on, so that it can end when they are answered.
 *
 * Node's own count of idle connections leaves out those that have not asked anything yet, which browsers hold in reserve; waiting for them
 * would be waiting for nothing.
 */
import type { FastifyInstance } from 'fastify';

export class RunningRequests {
  readonly #running = new Set<object>();
  #finish: () => void = () => undefined;

  constructor(server: FastifyInstance['server']) {
    server.on('request', (_, response) => {
      this.#running.add(response);
      // Comes for those whose asker has gone, too.
      response.once('close', () => {
        this.#running.delete(response);
        if (this.#running.size === 0) this.#finish();
      });
    });
  }

  /** Resolves when all are answered, or time is up. */
  async finished(patienceMs: number): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.#finish = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
