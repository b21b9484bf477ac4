/** Every parser that is fuzzed. */
import { APPLICATION_TARGETS } from './application-targets.ts';
import { ATTACH_TARGETS } from './attach-targets.ts';
import { CAPTURE_TARGETS } from './capture-targets.ts';
import { CONTROLLER_TARGETS } from './controller-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { OPENFLOW_TARGETS } from './openflow-targets.ts';
import { PACKET_TARGETS } from './packet-targets.ts';
import { TEXT_TARGETS } from './text-targets.ts';
import { TOPOLOGY_TARGETS } from './topology-targets.ts';
import { VSWITCH_TARGETS } from './vswitch-targets.ts';

export const TARGETS: readonly FuzzTarget[] = [
  ...OPENFLOW_TARGETS,
  ...TEXT_TARGETS,
  ...PACKET_TARGETS,
  ...APPLICATION_TARGETS,
  ...CAPTURE_TARGETS,
  ...TOPOLOGY_TARGETS,
  ...VSWITCH_TARGETS,
  ...ATTACH_TARGETS,
  ...CONTROLLER_TARGETS,
];
