/**
 * OpenFlow 1.3.5, sections 7.3.1, 7.3.2 and 7.3.5.1: the switch as a whole: features, configuration, description.
 */
import { pad, text, u8, u16, u32, u64 } from './codec.ts';
import { struct } from './struct.ts';

/** Bits of `capabilities`. */
export const CAPABILITY = {
  flowStats: 1 << 0,
  tableStats: 1 << 1,
  portStats: 1 << 2,
  groupStats: 1 << 3,
  ipReasm: 1 << 5,
  queueStats: 1 << 6,
  portBlocked: 1 << 8,
} as const;

/** The datapath id's low 48 bits are a MAC address, the upper 16 the implementer's. */
export const FeaturesReplyBody = struct({
  datapathId: u64,
  nBuffers: u32,
  nTables: u8,
  auxiliaryId: u8,
  _pad: pad(2),
  capabilities: u32,
  reserved: u32,
});

/** Values of `flags`: what happens to IP fragments. */
export const CONFIG_FRAG = { normal: 0, drop: 1, reasm: 2, mask: 3 } as const;

/** Read and set with the same body. */
export const SwitchConfigBody = struct({ flags: u16, missSendLen: u16 });

export const DescReply = struct({
  mfrDesc: text(256),
  hwDesc: text(256),
  swDesc: text(256),
  serialNum: text(32),
  dpDesc: text(256),
});
