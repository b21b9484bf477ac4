/**
 * What an importer has to say of a foreign file: errors, warnings, and repairs.
 *
 * Repairs come in hundreds (every link of a map without speeds), and a hundred equal sentences hide the one that matters. So they are
 * counted by their sentence, and told once, at the place of the first, with the names and lines of some others.
 */
import { Lines } from '../lines.ts';
import type { Report } from '../report.ts';
import { clip } from '../text-form.ts';
import type { Span } from './native-tree.ts';

/** Enough to see a pattern in. */
const SUBJECTS_MAX = 5;

interface Repair {
  readonly start: number;
  readonly subject: string;
}

export class ImportNotes {
  readonly #report: Report;
  readonly #lines: Lines;
  readonly #tallies = new Map<string, Repair[]>();

  constructor(text: string, report: Report) {
    this.#report = report;
    this.#lines = new Lines(text);
  }

  get report(): Report {
    return this.#report;
  }

  get lines(): Lines {
    return this.#lines;
  }

  fail({ start }: Span, reason: string): void {
    this.#report.addError(this.#lines.placeAt(start), reason);
  }

  warn({ start }: Span, reason: string): void {
    this.#report.addWarning(this.#lines.placeAt(start), reason);
  }

  /** One of perhaps many repairs. The sentence, which its subjects will follow, is the same for all of them. */
  tally(sentence: string, { start }: Span, subject: string): void {
    const repair = { start, subject: clip(subject) };
    const known = this.#tallies.get(sentence);
    if (known) known.push(repair);
    else this.#tallies.set(sentence, [repair]);
  }

  /** The importer has come to its end. */
  tellTallies(): void {
    for (const [sentence, repairs] of this.#tallies) {
      const [first, ...others] = repairs.sort((a, b) => a.start - b.start);
      const subjects = [first!.subject];
      for (const { start, subject } of others.slice(0, SUBJECTS_MAX - 1)) {
        subjects.push(`${subject} (line ${this.#lines.placeAt(start).line})`);
      }
      const rest = repairs.length > SUBJECTS_MAX ? ` and ${repairs.length - SUBJECTS_MAX} more` : '';
      this.warn({ start: first!.start, end: first!.start }, `${sentence}: ${subjects.join(', ')}${rest}`);
    }
    this.#tallies.clear();
  }
}
