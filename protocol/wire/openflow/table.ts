/**
 * OpenFlow 1.3.5, sections 7.3.3, 7.3.5.4 and 7.3.5.5: flow tables: modification, counters, and features, read and written.
 */
import { actionId } from './action.ts';
import { bytesRest, pad, text, u8, u32, u64, type ValueOf } from './codec.ts';
import { instructionId } from './instruction.ts';
import { oxmId } from './oxm.ts';
import { list, selfLength, struct, union } from './struct.ts';

/** Reserved table numbers; every number up to and including `max` is a table of its own. */
export const TABLE = { max: 0xfe, all: 0xff } as const;

/** `config` has no bits in 1.3; the two of 1.1 are deprecated and kept for reading. */
export const TableModBody = struct({ tableId: u8, _pad: pad(3), config: u32 });

export const tableStats = struct({
  tableId: u8,
  _pad: pad(3),
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
});
export type TableStats = ValueOf<typeof tableStats>;

export const TableStatsReply = struct({ entries: list(tableStats) });

const LENGTH_ERROR = 'TABLE_FEATURES_FAILED/BAD_LEN';

const instructionIds = struct({ instructions: list(instructionId, LENGTH_ERROR) }, LENGTH_ERROR);
const tableIds = struct({ tables: list(u8, LENGTH_ERROR) }, LENGTH_ERROR);
const actionIds = struct({ actions: list(actionId, LENGTH_ERROR) }, LENGTH_ERROR);
const oxmIds = struct({ fields: list(oxmId, LENGTH_ERROR) }, LENGTH_ERROR);
const experimenter = struct({ experimenter: u32, expType: u32, data: bytesRest }, LENGTH_ERROR);

/** A property named `…Miss` speaks of the table-miss entry; left out, it is as for the other entries. */
export const TABLE_FEATURE_PROPERTIES = {
  instructions: { id: 0, body: instructionIds },
  instructionsMiss: { id: 1, body: instructionIds },
  nextTables: { id: 2, body: tableIds },
  nextTablesMiss: { id: 3, body: tableIds },
  writeActions: { id: 4, body: actionIds },
  writeActionsMiss: { id: 5, body: actionIds },
  applyActions: { id: 6, body: actionIds },
  applyActionsMiss: { id: 7, body: actionIds },
  match: { id: 8, body: oxmIds },
  wildcards: { id: 10, body: oxmIds },
  writeSetfield: { id: 12, body: oxmIds },
  writeSetfieldMiss: { id: 13, body: oxmIds },
  applySetfield: { id: 14, body: oxmIds },
  applySetfieldMiss: { id: 15, body: oxmIds },
  experimenter: { id: 0xfffe, body: experimenter },
  experimenterMiss: { id: 0xffff, body: experimenter },
} as const;

export const tableFeatureProperty = union(TABLE_FEATURE_PROPERTIES, { lengthError: LENGTH_ERROR, padded: true });
export type TableFeatureProperty = ValueOf<typeof tableFeatureProperty>;

export const tableFeatures = struct(
  {
    _length: selfLength,
    tableId: u8,
    _pad: pad(5),
    name: text(32),
    metadataMatch: u64,
    metadataWrite: u64,
    config: u32,
    maxEntries: u32,
    properties: list(tableFeatureProperty, LENGTH_ERROR),
  },
  LENGTH_ERROR,
);
export type TableFeatures = ValueOf<typeof tableFeatures>;

/** The same body both ways: an empty request reads, a request with entries writes. */
export const TableFeaturesBody = struct({ entries: list(tableFeatures, LENGTH_ERROR) });
