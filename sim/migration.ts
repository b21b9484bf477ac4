/**
 * A live migration: the guest's memory is carried to another node while it runs, round after round, and the guest follows when little is left (pre-copy).
 *
 * Its bytes are frames between the nodes' hosts, so whatever crosses the same links slows it and is slowed by it. The card at the new place is on from the
 * beginning, as hypervisors have it, so that the network knows that port when the guest speaks there; the old one goes off with the last announcement. A guest that
 * dirties as fast as is carried is slowed down, by 20 % and then by 10 more, as QEMU's auto-converge does.
 */
import { ANNOUNCE_TIMES } from './announcement.ts';
import type { Actor, Clock, Nanos, Timer } from './clock.ts';
import { SECOND } from './clock.ts';
import type { ComputeNode } from './compute-node.ts';
import type { Guest } from './guest.ts';
import { type MigrationFigures, type MigrationPlan, planMigration } from './migration-plan.ts';
import type { MigrationStream, MigrationStreamListener } from './migration-stream.ts';

export interface MigrationRound {
  readonly bytes: number;
  readonly durationNs: Nanos;
}

export interface MigrationReport {
  readonly guest: string;
  readonly from: string;
  readonly to: string;
  readonly state: 'running' | 'completed' | 'failed';
  /** Why it failed; the guest is where it was, and as it was. */
  readonly reason: string | undefined;
  readonly figures: MigrationFigures;
  /** As if the budget could be had; undefined where it would never end. */
  readonly plan: MigrationPlan | undefined;
  /** With the guest running; the last one, while it rests, is not among them. */
  readonly rounds: readonly MigrationRound[];
  /** That have arrived. */
  readonly sentBytes: number;
  /** Until the guest ran at its new place. */
  readonly totalNs: Nanos | undefined;
  /** From what was carried in the last round, when the guest was stopped. */
  readonly predictedDowntimeNs: Nanos | undefined;
  readonly measuredDowntimeNs: Nanos | undefined;
  /** By how much the guest was slowed down at last, 0 to 1. */
  readonly throttle: number;
}

export type OpenStream = (actor: Actor, listener: MigrationStreamListener) => MigrationStream;

/** QEMU: `cpu-throttle-initial`, `cpu-throttle-increment`, `max-cpu-throttle`. */
const THROTTLE_FIRST = 0.2;
const THROTTLE_STEP = 0.1;
const THROTTLE_MAX = 0.99;
/** The throttle is at its most after ten; whoever needs more is carried by a link that is next to nothing. */
const ROUNDS_MAX = 50;

export class Migration {
  readonly guest: Guest;
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #from: ComputeNode;
  readonly #to: ComputeNode;
  readonly #figures: MigrationFigures;
  readonly #done: (report: MigrationReport) => void;
  readonly #stream: MigrationStream;
  readonly #rounds: MigrationRound[] = [];
  readonly #wasRunning: boolean;
  #state: MigrationReport['state'] = 'running';
  #reason: string | undefined;
  #openedAt: Nanos = 0;
  #roundAt: Nanos = 0;
  #roundBytes = 0;
  #writtenBytes = 0;
  #sentBytes = 0;
  #frozenAt: Nanos | undefined;
  #totalNs: Nanos | undefined;
  #predictedDowntimeNs: Nanos | undefined;
  #measuredDowntimeNs: Nanos | undefined;
  #throttle = 0;
  /** The next announcement, of a guest that has arrived. */
  #announcement: Timer | undefined;

  /** `done` is told once, when the guest runs at its new place or stays at the old one. Throws a `GuestRefusal`, and then nothing has begun. */
  constructor(
    clock: Clock,
    actorName: string,
    guest: Guest,
    to: ComputeNode,
    figures: MigrationFigures,
    open: OpenStream,
    done: (report: MigrationReport) => void,
  ) {
    this.guest = guest;
    this.#clock = clock;
    this.#from = guest.node!;
    this.#to = to;
    this.#figures = figures;
    this.#done = done;
    this.#wasRunning = guest.state === 'running';
    to.admit(guest, guest.spec.demand);
    this.#actor = clock.createActor(actorName);
    try {
      this.#stream = open(this.#actor, {
        opened: () => this.#begin(),
        progressed: (bytes) => {
          this.#sentBytes = bytes;
          if (bytes === this.#writtenBytes && this.#state === 'running') this.#endRound();
        },
        failed: (reason) => this.#fail(reason),
      });
    } catch (error) {
      to.giveUp(guest.name);
      clock.removeActor(this.#actor);
      throw error;
    }
    guest.beginMove(() => this.cancel());
    guest.card.setOtherNode(to.name);
  }

  get report(): MigrationReport {
    return {
      guest: this.guest.name,
      from: this.#from.name,
      to: this.#to.name,
      state: this.#state,
      reason: this.#reason,
      figures: this.#figures,
      plan: planMigration(this.#figures),
      rounds: [...this.#rounds],
      sentBytes: this.#sentBytes,
      totalNs: this.#totalNs,
      predictedDowntimeNs: this.#predictedDowntimeNs,
      measuredDowntimeNs: this.#measuredDowntimeNs,
      throttle: this.#throttle,
    };
  }

  /** The guest stays where it is, and runs if it ran. One that has arrived announces itself no more. */
  cancel(): void {
    if (this.#state === 'running') this.#fail('cancelled');
    else if (this.#announcement) this.#settle();
  }

  #begin(): void {
    this.#openedAt = this.#clock.now;
    this.#send(this.#figures.memoryBytes);
  }

  #send(bytes: number): void {
    this.#roundAt = this.#clock.now;
    this.#roundBytes = bytes;
    this.#writtenBytes += bytes;
    this.#stream.write(bytes);
  }

  #endRound(): void {
    if (this.#frozenAt !== undefined) {
      this.#clock.schedule(this.#actor, this.#clock.now + this.#figures.resumeNs, () => this.#arrive());
      return;
    }
    const { memoryBytes, downtimeLimitNs, resumeNs, dirtyBps } = this.#figures;
    const durationNs = this.#clock.now - this.#roundAt;
    this.#rounds.push({ bytes: this.#roundBytes, durationNs });
    const dirtied = this.#wasRunning ? (dirtyBps * (1 - this.#throttle) * durationNs) / SECOND : 0;
    const leftBytes = Math.min(memoryBytes, Math.round(dirtied));
    const restNs = Math.round((leftBytes / this.#roundBytes) * durationNs);
    if (restNs <= downtimeLimitNs) {
      this.#predictedDowntimeNs = restNs + resumeNs;
      this.#freeze(leftBytes);
    } else if (this.#rounds.length === ROUNDS_MAX) {
      this.#fail(`after ${ROUNDS_MAX} rounds the guest still dirties its memory as fast as it is carried`);
    } else {
      if (leftBytes >= this.#roundBytes) {
        this.#throttle = Math.min(THROTTLE_MAX, this.#throttle === 0 ? THROTTLE_FIRST : this.#throttle + THROTTLE_STEP);
      }
      this.#send(leftBytes);
    }
  }

  #freeze(leftBytes: number): void {
    if (this.#wasRunning) this.guest.freeze();
    this.#frozenAt = this.#clock.now;
    if (leftBytes > 0) this.#send(leftBytes);
    else this.#endRound();
  }

  #arrive(): void {
    if (this.#state !== 'running') return;
    const { now } = this.#clock;
    this.#stream.close();
    // Until the network has heard where it is now, the old port stays up with nobody behind it.
    this.guest.moveTo(this.#to);
    if (this.#wasRunning) this.guest.thaw();
    this.#measuredDowntimeNs = now - this.#frozenAt!;
    this.#totalNs = now - this.#openedAt;
    this.#state = 'completed';
    this.#announce(0, now);
    this.#done(this.report);
  }

  #announce(round: number, arrivedAt: Nanos): void {
    this.guest.announce();
    const next = ANNOUNCE_TIMES[round + 1];
    if (next === undefined) this.#settle();
    else {
      this.#announcement = this.#clock.schedule(this.#actor, arrivedAt + next, () =>
        this.#announce(round + 1, arrivedAt),
      );
    }
  }

  #settle(): void {
    this.#announcement?.cancel();
    this.#announcement = undefined;
    this.guest.card.setOtherNode(undefined);
    this.guest.endMove();
    this.#clock.removeActor(this.#actor);
  }

  #fail(reason: string): void {
    this.#stream.close();
    this.#state = 'failed';
    this.#reason = reason;
    this.#to.giveUp(this.guest.name);
    this.guest.card.setOtherNode(undefined);
    this.guest.endMove();
    if (this.#frozenAt !== undefined && this.#wasRunning) this.guest.thaw();
    this.#clock.removeActor(this.#actor);
    this.#done(this.report);
  }
}
