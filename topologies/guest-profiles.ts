/**
 * The presets: for each system that the documents name, of which kind its guests are, what they can, and how they are on the network.
 *
 * A profile is not an emulation of the product whose name it has: it is a row of parameters, and whoever shows one shows the parameters. A file
 * says `profile: docker`, `profile: realistic`, or both as `profile: docker-textbook`; without a preset the one of its kind holds.
 */
import { CAPABILITY_ROWS, type CapabilityRow, type CapabilityRowName } from './guest-capability.ts';
import {
  FIGURE_SET_DEFAULT,
  FIGURE_SETS,
  type FigureSet,
  GUEST_FIGURES,
  type GuestFigures,
  type GuestKind,
  isGuestKind,
} from './guest-figures.ts';

/** How a guest is on the network, which is what isolation of the network means there. */
export type GuestNetwork =
  /** A card and a stack of its own. */
  | 'own'
  /** A card of its own that is routed, not bridged: no broadcast leaves it, none reaches it (OpenVZ's venet). */
  | 'routed'
  /** An address of its own, on the card and the stack of its node (网络隔离 不完全). */
  | 'address'
  /** Nothing of its own: the node's card, stack, address and ports (网络隔离 ✗). */
  | 'none';

/** Of guests that are on the network by their node's card. */
export const SHARED_CARDS: readonly GuestNetwork[] = ['address', 'none'];

/** Who tells the network that a guest has moved. */
export type Announcer =
  /** The hypervisor, by RARP, as QEMU does. */
  | 'rarp'
  /** The guest's own kernel, by gratuitous ARP. */
  | 'garp';

interface Preset {
  readonly title: string;
  readonly kind: GuestKind;
  readonly row: CapabilityRowName;
  readonly network: GuestNetwork;
}

function vm(title: string): Preset {
  return { title, kind: 'vm', row: 'machine', network: 'own' };
}

function container(title: string, row: CapabilityRowName, network: GuestNetwork = 'own'): Preset {
  return { title, kind: 'container', row, network };
}

const PRESETS = {
  vm: vm('VM'),
  /** The figures that the documents give for containers are those of Docker, and so is what one can. */
  container: container('container', 'container'),
  unikernel: { title: 'unikernel', kind: 'unikernel', row: 'sealed', network: 'own' },
  microvm: { title: 'microVM', kind: 'microvm', row: 'sealed', network: 'own' },

  chroot: container('chroot', 'chroot', 'none'),
  vserver: container('Linux VServer', 'vserver', 'address'),
  openvz: container('OpenVZ', 'openvz', 'routed'),
  lxc: container('LXC', 'lxc'),
  docker: container('Docker', 'docker'),
  rkt: container('rkt', 'container'),
  jail: container('FreeBSD jail', 'zone', 'address'),
  zone: container('Solaris zone', 'zone', 'address'),

  kvm: vm('KVM'),
  xen: vm('Xen'),
  qemu: vm('QEMU TCG'),
  bochs: vm('Bochs'),
  vmware: vm('VMware'),
  virtualbox: vm('VirtualBox'),
  hyperv: vm('Hyper-V'),
  parallels: vm('Parallels'),

  mirageos: { title: 'MirageOS', kind: 'unikernel', row: 'sealed', network: 'own' },
  firecracker: { title: 'Firecracker', kind: 'microvm', row: 'sealed', network: 'own' },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

export interface GuestProfile {
  readonly name: PresetName;
  /** For people. */
  readonly title: string;
  readonly kind: GuestKind;
  readonly network: GuestNetwork;
  readonly announcer: Announcer;
  readonly capabilities: CapabilityRow;
  readonly figureSet: FigureSet;
  readonly figures: GuestFigures;
}

/** What `profile:` says. */
export interface ProfileWish {
  readonly preset?: PresetName;
  readonly figureSet?: FigureSet;
}

export function profileOf(kind: GuestKind, { preset, figureSet = FIGURE_SET_DEFAULT }: ProfileWish = {}): GuestProfile {
  const name = preset ?? kind;
  const { title, kind: own, row, network }: Preset = PRESETS[name];
  return {
    name,
    title,
    kind: own,
    network,
    announcer: own === 'container' ? 'garp' : 'rarp',
    capabilities: CAPABILITY_ROWS[row],
    figureSet,
    figures: GUEST_FIGURES[own][figureSet],
  };
}

/** A plain host has a card of its own. */
export function networkOf({ kind, profile }: { readonly kind: string; readonly profile?: string }): GuestNetwork {
  if (!isGuestKind(kind)) return 'own';
  return profileOf(kind, profile === undefined ? {} : parseProfile(profile)).network;
}

export function kindOfPreset(preset: PresetName): GuestKind {
  return PRESETS[preset].kind;
}

/** Everything that `profile:` can be. */
export const PROFILE_WORDS: readonly string[] = [
  ...FIGURE_SETS,
  ...PRESET_NAMES.flatMap((preset) => [preset, ...FIGURE_SETS.map((set) => `${preset}-${set}`)]),
];

/** Undefined when it is none of `PROFILE_WORDS`. */
export function parseProfile(text: string): ProfileWish | undefined {
  const set = FIGURE_SETS.find((known) => text === known || text.endsWith(`-${known}`));
  if (text === set) return { figureSet: set };
  const name = set === undefined ? text : text.slice(0, -set.length - 1);
  const preset = PRESET_NAMES.find((known) => known === name);
  return preset && { preset, ...(set && { figureSet: set }) };
}

export function formatProfile({ name, figureSet }: Pick<GuestProfile, 'name' | 'figureSet'>): string {
  return `${name}-${figureSet}`;
}

/** The profiles of every kind, for those who list them. */
export const GUEST_PROFILES: readonly GuestProfile[] = PRESET_NAMES.flatMap((preset) =>
  FIGURE_SETS.map((figureSet) => profileOf(PRESETS[preset].kind, { preset, figureSet })),
);
