/**
 * What a kind of isolation can do: the feature matrix of the documents, as data.
 *
 * The five rows and nine columns are printed in S3 (lines 187 to 192; `workloads.md`, 2.2), verdicts and all. They drive behaviour:
 * `sim/guest-grant.ts` grants or refuses by them and cites them. What the matrix does not speak of (machines with a hypervisor,
 * unikernels) has a row of ours, and its origin says so.
 */

export const CAPABILITIES = [
  'copyOnWrite',
  'diskQuota',
  'cpuQuota',
  'fileIsolation',
  'networkIsolation',
  'rootPrivilege',
  'ioLimit',
  'memoryLimit',
  'liveMigration',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What a kind without it has none of. */
export const CAPABILITY_TITLE: Readonly<Record<Capability, string>> = {
  copyOnWrite: 'copy-on-write images',
  diskQuota: 'disk quotas',
  cpuQuota: 'CPU quotas',
  fileIsolation: 'isolation of files',
  networkIsolation: 'isolation of the network',
  rootPrivilege: 'limits on root',
  ioLimit: 'limits on I/O',
  memoryLimit: 'limits on memory',
  liveMigration: 'live migration',
};

/** As the table has them printed, in the words in which a refusal cites them. */
export const CAPABILITY_WORD: Readonly<Record<Capability, string>> = {
  copyOnWrite: '写复制',
  diskQuota: '磁盘配额',
  cpuQuota: 'CPU配额',
  fileIsolation: 'FS隔离',
  networkIsolation: '网络隔离',
  rootPrivilege: 'Root限权',
  ioLimit: 'I/O限权',
  memoryLimit: '内存限制',
  liveMigration: '热迁移',
};

export type Verdict =
  | 'yes'
  /** 不完全: it is there and does not hold against everything. */
  | 'partial'
  /** 间接: not its own, something below it does it. */
  | 'indirect'
  | 'no';

export const VERDICT_SIGN: Readonly<Record<Verdict, string>> = {
  yes: '√',
  partial: '不完全',
  indirect: '间接',
  no: '✗',
};

export interface CapabilityRow {
  readonly verdicts: Readonly<Record<Capability, Verdict>>;
  /** Who says so: to stand in brackets behind a verdict. */
  readonly origin: string;
}

const SIGNS: Readonly<Record<string, Verdict>> = { '√': 'yes', '◐': 'partial', '→': 'indirect', '✗': 'no' };

/** One sign for each capability, in their order. */
function row(signs: string, origin: string): CapabilityRow {
  const verdicts = Object.fromEntries([...signs.replaceAll(' ', '')].map((sign, i) => [CAPABILITIES[i], SIGNS[sign]]));
  return { verdicts: verdicts as Record<Capability, Verdict>, origin };
}

const SOURCE_TABLE = 'source table';

const DOCKER = row('√ → √ √ √ √ √ √ ✗', SOURCE_TABLE);
const VSERVER = row('√ √ √ √ ◐ ◐ √ √ ✗', SOURCE_TABLE);

/** √ yes, ◐ partial (不完全), → indirect (间接), ✗ no; in the order of `CAPABILITIES`. */
export const CAPABILITY_ROWS = {
  chroot: row('✗ ✗ ✗ ◐ ✗ ✗ ✗ ✗ ✗', SOURCE_TABLE),
  vserver: VSERVER,
  openvz: row('√ √ √ √ √ √ √ √ √', SOURCE_TABLE),
  lxc: row('√ ◐ √ √ √ √ ◐ √ √', SOURCE_TABLE),
  docker: DOCKER,
  /** Containers that the table does not name. */
  container: { ...DOCKER, origin: 'model, after Docker' },
  zone: { ...VSERVER, origin: 'model, after Linux VServer' },
  /** S3 and S4 hold the isolation of virtual machines, and that they migrate, against containers; the rest is what hypervisors have. */
  machine: row('√ √ √ √ √ √ √ √ √', 'model, after S3 and S4'),
  /** No document says that one of these was ever moved while it ran. */
  sealed: row('√ √ √ √ √ √ √ √ ✗', 'model; no source has it'),
} as const satisfies Record<string, CapabilityRow>;

export type CapabilityRowName = keyof typeof CAPABILITY_ROWS;
