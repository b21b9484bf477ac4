/**
 * How fast guests boot and what they take: the figures of the documents, each with its source.
 *
 * The documents contradict each other: S3 prints 800 to 1000 *micro*seconds (微秒) for the start of a container, S2 and S4 say seconds, three
 * orders of magnitude apart. Both ship: `textbook` is what S3 prints, `realistic` reads that figure as milliseconds and takes measured
 * figures where a specification has them. Without a word, `realistic` holds. Of a printed range the upper end is taken. What no
 * document says is a parameter of the model, and is called that. Sizes are decimal, as printed.
 */

export type FigureSet = 'textbook' | 'realistic';
export const FIGURE_SETS = ['textbook', 'realistic'] as const satisfies readonly FigureSet[];
export const FIGURE_SET_DEFAULT: FigureSet = 'realistic';

/** Kinds of hosts that live on something and have a life: all but plain hosts and bare ports. */
export const GUEST_KINDS = ['vm', 'container', 'unikernel', 'microvm'] as const;
export type GuestKind = (typeof GUEST_KINDS)[number];

export function isGuestKind(kind: string): kind is GuestKind {
  return (GUEST_KINDS as readonly string[]).includes(kind);
}

export interface Figure {
  readonly value: number;
  readonly source: string;
}

export interface GuestFigures {
  /** From the start to the moment at which its link is up and it answers, in nanoseconds. */
  readonly bootNs: Figure;
  readonly imageBytes: Figure;
  /** What it takes of its node's memory beyond what it asks for. */
  readonly overheadBytes: Figure;
  /** Guests of its kind on one node; absent: as many as the memory bears. */
  readonly density?: Figure;
  /** How many of its kind a processor of the node can start in a second; absent: all at once. */
  readonly startsPerCpuSecond?: Figure;
  /** From the last byte of a migration to the moment at which it answers at the new place, in nanoseconds. */
  readonly resumeNs: Figure;
  /** How fast it dirties memory while it runs, in bytes a second. */
  readonly dirtyBps: Figure;
}

const MS = 1e6;
const S = 1e9;
const MB = 1e6;
const MIB = 2 ** 20;

const S3_START = 'S3, lines 335 to 339';
const S4_DENSITY = 'S4, line 184';

function figure(value: number, source: string): Figure {
  return { value, source };
}

const RESUME = figure(20 * MS, 'model');
/** The parameter of the golden vector (`workloads.md`, 3.7). */
const DIRTY = figure(20 * MIB, 'model');

const VM: GuestFigures = {
  bootNs: figure(10 * S, `${S3_START}: 5 to 10 s (S4, line 181, says minutes)`),
  imageBytes: figure(1000 * MB, S3_START),
  overheadBytes: figure(100 * MB, S3_START),
  density: figure(50, `${S4_DENSITY}: tens (几十个); 50 is the model`),
  resumeNs: RESUME,
  dirtyBps: DIRTY,
};

const CONTAINER: GuestFigures = {
  bootNs: figure(1000 * MS, 'S3, line 335, read as ms; S2, line 59, and S4, line 181: seconds'),
  imageBytes: figure(50 * MB, S3_START),
  overheadBytes: figure(5 * MB, S3_START),
  density: figure(1000, `${S4_DENSITY}: a thousand and more (上千个); 1000 is the model`),
  resumeNs: RESUME,
  dirtyBps: DIRTY,
};

const UNIKERNEL: GuestFigures = {
  bootNs: figure(50 * MS, `${S3_START}: below 50 ms`),
  imageBytes: figure(5 * MB, S3_START),
  overheadBytes: figure(8 * MB, S3_START),
  resumeNs: RESUME,
  dirtyBps: DIRTY,
};

const MICROVM_TEXTBOOK: GuestFigures = {
  bootNs: figure(100 * MS, S3_START),
  imageBytes: figure(50 * MB, 'model'),
  overheadBytes: figure(3 * MB, S3_START),
  resumeNs: RESUME,
  dirtyBps: DIRTY,
};

const FIRECRACKER = 'Firecracker, SPECIFICATION.md';

const MICROVM_REALISTIC: GuestFigures = {
  ...MICROVM_TEXTBOOK,
  bootNs: figure(125 * MS, `${FIRECRACKER}: at most 125 ms to /sbin/init`),
  overheadBytes: figure(5 * MIB, `${FIRECRACKER}: at most 5 MiB`),
  startsPerCpuSecond: figure(5, `${FIRECRACKER}: 5 microVMs a core and second`),
};

export const GUEST_FIGURES: Readonly<Record<GuestKind, Readonly<Record<FigureSet, GuestFigures>>>> = {
  vm: { textbook: VM, realistic: VM },
  container: {
    textbook: { ...CONTAINER, bootNs: figure(1e6, 'S3, line 335: 800 to 1000 µs (微秒), as printed') },
    realistic: CONTAINER,
  },
  unikernel: { textbook: UNIKERNEL, realistic: UNIKERNEL },
  microvm: { textbook: MICROVM_TEXTBOOK, realistic: MICROVM_REALISTIC },
};
