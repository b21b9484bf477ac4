/** What is printed is read back as it was, whatever the rule: the law that lets rules be saved, edited and loaded again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLOW_COMMAND, type FlowMod } from '../../../../../protocol/wire/openflow/flow.ts';
import { GROUP_TYPE } from '../../../../../protocol/wire/openflow/group.ts';
import type { Match } from '../../../../../protocol/wire/openflow/match.ts';
import { fromBytes, toBytes } from '../../../../../protocol/wire/openflow/message.ts';
import { METER_FLAG } from '../../../../../protocol/wire/openflow/meter.ts';
import type { UnknownOxm } from '../../../../../protocol/wire/openflow/oxm.ts';
import { formatActions, parseActions } from '../../../../../protocol/wire/openflow/text/action-text.ts';
import {
  type FlowCommand,
  formatFlowMod,
  formatFlowStats,
  parseFlowLine,
  parseFlowMod,
} from '../../../../../protocol/wire/openflow/text/flow-text.ts';
import { formatGroup, type GroupMod, parseGroupMod } from '../../../../../protocol/wire/openflow/text/group-text.ts';
import { formatInstructions, parseInstructions } from '../../../../../protocol/wire/openflow/text/instruction-text.ts';
import { formatMatch, formatOxmMatch, parseMatch } from '../../../../../protocol/wire/openflow/text/match-text.ts';
import { formatMessage } from '../../../../../protocol/wire/openflow/text/message-text.ts';
import { formatMeter, type MeterMod, parseMeterMod } from '../../../../../protocol/wire/openflow/text/meter-text.ts';
import { arbitraryMessage, arbitraryOxm } from '../arbitrary.ts';
import { anyActions, anyInstructions, anyMatch, anyRule, soundRule } from './rule-arbitrary.ts';

const RUNS = { numRuns: 500 };

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('text that was printed', () => {
  it('is read back as the match it was, whatever fields it has', () => {
    fc.assert(
      fc.property(anyMatch, (match) => {
        expect(parseMatch(formatMatch(match))).toEqual(match);
      }),
      RUNS,
    );
  });

  it('is read back as the match it was in the specification’s names, but for a priority without a tag', () => {
    // A priority asks for a tag, and the specification has no name for a priority alone.
    const isWhole = (match: Match) => !match.some(({ type }) => type === 'vlanPcp' || type === 'vlanVid');
    fc.assert(
      fc.property(anyMatch.filter(isWhole), (match) => {
        expect(parseMatch(formatOxmMatch(match))).toEqual(match);
      }),
      RUNS,
    );
  });

  it('keeps fields that the table does not have', () => {
    const unknown = fc.array(arbitraryOxm(), { maxLength: 6 }).map((oxms) => oxms.filter(isUnknown));
    fc.assert(
      fc.property(anyMatch, unknown, (match, more) => {
        expect(parseMatch(formatMatch([...match, ...more]))).toEqual([...match, ...more]);
      }),
      RUNS,
    );
  });

  it('is read back as the actions they were', () => {
    fc.assert(
      fc.property(anyActions, (actions) => {
        expect(parseActions(formatActions(actions))).toEqual(actions);
      }),
      RUNS,
    );
  });

  it('is read back as the instructions they were', () => {
    fc.assert(
      fc.property(anyInstructions, (instructions) => {
        expect(parseInstructions(formatInstructions(instructions))).toEqual(instructions);
      }),
      RUNS,
    );
  });

  it('is read back as the rule it was, sound or not, and so are its bytes', () => {
    fc.assert(
      fc.property(fc.oneof(anyRule, soundRule), (rule) => {
        const read = parseFlowMod(formatFlowMod(rule));
        expect(read).toEqual(rule);
        expect(fromBytes(toBytes(read))).toEqual(rule);
      }),
      RUNS,
    );
  });

  it('is read back from a line of a dump with its counters', () => {
    const counters = fc.record({
      durationSec: u32,
      durationNsec: fc.integer({ min: 0, max: 999_999_999 }),
      packetCount: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      byteCount: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    });
    fc.assert(
      fc.property(anyRule, counters, (rule, counts) => {
        expect(parseFlowLine(` ${formatFlowStats({ ...rule, ...counts })}`)).toEqual(rule);
      }),
      RUNS,
    );
  });

  it('is read back under the command that it was printed for', () => {
    const commands = Object.keys(FLOW_COMMAND) as FlowCommand[];
    const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
    fc.assert(
      fc.property(fc.constantFrom(...commands), anyRule, u64, u64, u32, (command, rule, cookie, cookieMask, out) => {
        const mod = toCommand(command, rule, cookie & cookieMask, cookieMask, out);
        expect(parseFlowMod(formatFlowMod(mod), command)).toEqual(mod);
      }),
      RUNS,
    );
  });

  it('is read back as the group it was', () => {
    fc.assert(
      fc.property(anyGroup, (group) => {
        expect(parseGroupMod(formatGroup(group))).toEqual(group);
      }),
      RUNS,
    );
  });

  it('is read back as the meter it was', () => {
    fc.assert(
      fc.property(anyMeter, (meter) => {
        expect(parseMeterMod(formatMeter(meter))).toEqual(meter);
      }),
      RUNS,
    );
  });
});

describe('any message that can be decoded', () => {
  it('can be shown, beginning with its name, its version and its transaction', () => {
    fc.assert(
      fc.property(arbitraryMessage(), (message) => {
        const text = formatMessage(message);
        expect(text).toMatch(/^OFPS?T_[A-Z_]+( request| reply)?( \(OF[^)]*\))? \(xid=0x[0-9a-f]+\):/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not reach a terminal
        expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
      }),
      RUNS,
    );
  });
});

function isUnknown(oxm: { readonly type: string }): oxm is UnknownOxm {
  return oxm.type === 'unknown';
}

/** What a command heeds of a rule; the rest is as if it were not said. */
function toCommand(command: FlowCommand, rule: FlowMod, cookie: bigint, cookieMask: bigint, out: number): FlowMod {
  const mod = { ...rule, command: FLOW_COMMAND[command] };
  switch (command) {
    case 'add':
      return mod;
    case 'modify':
    case 'modifyStrict':
      return { ...mod, cookie, cookieMask };
    case 'delete':
    case 'deleteStrict': {
      const priority = command === 'delete' ? 0x8000 : rule.priority;
      const nothing = { flags: 0, idleTimeout: 0, hardTimeout: 0, instructions: [] };
      return { ...mod, ...nothing, priority, cookie, cookieMask, outPort: out, outGroup: out };
    }
  }
}

const anyGroup: fc.Arbitrary<GroupMod> = fc.constantFrom(...Object.values(GROUP_TYPE)).chain((groupType) => {
  const bucket = fc.record({
    weight: groupType === GROUP_TYPE.select ? fc.integer({ min: 0, max: 0xffff }) : fc.constant(0),
    watchPort: groupType === GROUP_TYPE.fastFailover ? fc.integer({ min: 0, max: 0xffff_fffe }) : u32,
    watchGroup: fc.oneof(fc.integer({ min: 0, max: 0xffff_ff00 }), fc.constant(0xffff_ffff)),
    actions: anyActions,
  });
  return fc.record({
    type: fc.constant('groupMod'),
    xid: fc.constant(0),
    command: fc.constant(0),
    groupType: fc.constant(groupType),
    groupId: fc.integer({ min: 0, max: 0xffff_ff00 }),
    buckets: fc.array(bucket, { maxLength: 4 }),
  });
});

const anyMeter: fc.Arbitrary<MeterMod> = fc
  .tuple(fc.constantFrom(METER_FLAG.kbps, METER_FLAG.pktps, 3), fc.boolean(), fc.boolean())
  .chain(([unit, isBurst, isCounted]) => {
    const flags = unit | (isBurst ? METER_FLAG.burst : 0) | (isCounted ? METER_FLAG.stats : 0);
    const burstSize = isBurst ? u32 : fc.constant(0);
    const band = fc.oneof(
      fc.record({ type: fc.constant('drop' as const), rate: u32, burstSize }),
      fc.record({
        type: fc.constant('dscpRemark' as const),
        rate: u32,
        burstSize,
        precLevel: fc.integer({ min: 0, max: 0xff }),
      }),
    );
    return fc.record({
      type: fc.constant('meterMod' as const),
      xid: fc.constant(0),
      command: fc.constant(0),
      flags: fc.constant(flags),
      meterId: fc.integer({ min: 1, max: 0xffff_0000 }),
      bands: fc.array(band, { minLength: 1, maxLength: 4 }),
    });
  });
