import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeXml, formatJunit } from '../../lab/scenario-junit.ts';
import { formatReport } from '../../lab/scenario-report.ts';
import type { ScenarioResult } from '../../lab/scenario-result.ts';
import { formatTap } from '../../lab/scenario-tap.ts';

const FRAMES = {
  sent: 9,
  duplicated: 0,
  corrupted: 0,
  delivered: 6,
  dropped: { cut: 2, 'queue-full': 0, loss: 0, mtu: 0 },
  inFlight: 1,
  isConserved: true,
};

const RESULT: ScenarioResult = {
  scenario: 'failover',
  file: 'a&b.yaml',
  topology: 'net',
  seed: 42,
  clock: 'virtual',
  isPassed: false,
  durationNs: 3_500_000_000,
  steps: [
    {
      name: 'converges #1',
      verb: 'wait',
      startedAtNs: 0,
      endedAtNs: 310_000_000,
      outcome: { type: 'passed', measured: 'flows installed after 310ms' },
      notes: [],
    },
    {
      name: '<h1> & "h2" ping',
      verb: 'ping',
      startedAtNs: 310_000_000,
      endedAtNs: 3_500_000_000,
      outcome: {
        type: 'failed',
        failures: [
          { expected: 'loss < 1%', measured: 'h1 to h2: 100%', why: 'h2 is "off"', lookAt: ['link a', 'host h2'] },
        ],
      },
      notes: ['left out: h3'],
      pings: [],
    },
    {
      name: 'storm',
      verb: 'link',
      startedAtNs: 3_500_000_000,
      endedAtNs: 3_500_000_000,
      outcome: { type: 'error', reason: 'something circulates' },
      notes: [],
    },
    {
      name: 'after',
      verb: 'ping',
      startedAtNs: 3_500_000_000,
      endedAtNs: 3_500_000_000,
      outcome: { type: 'skipped', reason: 'a step before it did not pass' },
      notes: [],
    },
  ],
  frames: FRAMES,
  traceHash: '0123456789abcdef',
};

describe('the report for people', () => {
  it('has a line a step, and for one that failed what was expected, what was measured, why and where to look', () => {
    expect(formatReport([RESULT])).toBe(`failover (a&b.yaml, on net, seed 42)
  ok    converges #1: flows installed after 310ms
  FAIL  <h1> & "h2" ping
        expected  loss < 1%
        measured  h1 to h2: 100%
        why       h2 is "off"
        look at   link a, host h2
        note      left out: h3
  ERROR storm: something circulates
  skip  after: a step before it did not pass
  ok    frames conserved: 9 sent, 6 delivered, 2 dropped (cut 2), 1 in flight
        trace 0123456789abcdef

1 run of 4 steps in 3.5s of virtual time: 1 failed
`);
  });

  it('says so when frames were not conserved', () => {
    const text = formatReport([{ ...RESULT, frames: { ...FRAMES, isConserved: false } }]);
    expect(text).toContain('\n  FAIL  frames conserved: 9 sent');
  });
});

describe('the report as TAP', () => {
  it('has a test point a step and one for the frames, diagnostics in YAML, and no # that would be a directive', () => {
    expect(formatTap([RESULT])).toBe(`TAP version 14
1..5
ok 1 - failover (seed 42): converges \\#1
not ok 2 - failover (seed 42): <h1> & "h2" ping
  ---
  failures: [{"expected":"loss < 1%","measured":"h1 to h2: 100%","why":"h2 is \\"off\\"","lookAt":["link a","host h2"]}]
  ...
not ok 3 - failover (seed 42): storm
  ---
  message: "something circulates"
  ...
ok 4 - failover (seed 42): after # SKIP a step before it did not pass
ok 5 - failover (seed 42): frames conserved
`);
  });

  it('counts its points through all runs', () => {
    const lines = formatTap([RESULT, RESULT]).split('\n');
    expect(lines[1]).toBe('1..10');
    const numbers = lines.flatMap((line) => /^(?:not )?ok (\d+) /.exec(line)?.[1] ?? []);
    expect(numbers).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
  });
});

describe('the report as JUnit', () => {
  it('has a suite a run and a case a step, with virtual times and everything escaped', () => {
    expect(formatJunit([RESULT])).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="failover" file="a&amp;b.yaml" tests="5" failures="1" errors="1" skipped="1" time="3.5">
    <properties>
      <property name="seed" value="42"/>
      <property name="topology" value="net"/>
      <property name="trace" value="0123456789abcdef"/>
    </properties>
    <testcase name="converges #1" classname="failover" time="0.31">
      <system-out>flows installed after 310ms</system-out>
    </testcase>
    <testcase name="&lt;h1&gt; &amp; &quot;h2&quot; ping" classname="failover" time="3.19">
      <failure message="expected loss &lt; 1%, measured h1 to h2: 100%">expected  loss &lt; 1%&#10;measured  h1 to h2: 100%&#10;why       h2 is &quot;off&quot;&#10;look at   link a, host h2</failure>
      <system-out>left out: h3</system-out>
    </testcase>
    <testcase name="storm" classname="failover" time="0">
      <error message="something circulates"/>
    </testcase>
    <testcase name="after" classname="failover" time="0">
      <skipped message="a step before it did not pass"/>
    </testcase>
    <testcase name="frames conserved" classname="failover" time="0">
      <system-out>9 sent, 6 delivered, 2 dropped (cut 2), 1 in flight</system-out>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  it('escapes any text to what XML 1.0 can hold, and loses nothing that it can', () => {
    const parseText = (xml: string) =>
      xml.replace(/&(?:lt|gt|amp|quot|#10|#9);/g, (entity) => {
        return { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#10;': '\n', '&#9;': '\t' }[entity]!;
      });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xml = escapeXml(text);
        expect(xml).toMatch(/^(?:&(?:lt|gt|amp|quot|#10|#9);|[\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}])*$/u);
        expect(xml.replace(/&(?:lt|gt|amp|quot|#10|#9);/g, '')).not.toMatch(/[<>&"]/);
        const kept = text.replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
        expect(parseText(xml)).toBe(kept);
      }),
    );
    expect(escapeXml('\ud800\0\r')).toBe('\ufffd\ufffd\ufffd');
  });
});
