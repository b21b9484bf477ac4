import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestTowards } from '../../web/direction.ts';
import { formatCount, formatMoment, formatQuantity } from '../../web/quantity.ts';
import { formatSelection, parseSelection } from '../../web/selection.ts';
import { shorten, textWidth } from '../../web/text-width.ts';

describe('the selection in the address of the page', () => {
  it('comes back as it was, whatever the name', () => {
    const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom('switch', 'host', 'link'), id, (type, id) => {
        expect(parseSelection(formatSelection({ type, id }))).toEqual({ type, id });
      }),
    );
  });

  it('is nothing when the address makes no sense', () => {
    for (const hash of ['', '#', '#switch', '#switch/', '#router/1', '#link/%', `#link/${'a'.repeat(2000)}`]) {
      expect(parseSelection(hash)).toBeUndefined();
    }
  });
});

describe('arrow keys', () => {
  const places = new Map([
    ['middle', { x: 100, y: 100 }],
    ['right', { x: 200, y: 110 }],
    ['far right', { x: 400, y: 100 }],
    ['below', { x: 100, y: 150 }],
    ['aslant', { x: 180, y: 300 }],
  ]);

  it('go to the nearest thing in their direction', () => {
    expect(nearestTowards(places, 'middle', 'right')).toBe('right');
    expect(nearestTowards(places, 'middle', 'down')).toBe('below');
    expect(nearestTowards(places, 'right', 'left')).toBe('middle');
  });

  it('stay where nothing lies that way', () => {
    expect(nearestTowards(places, 'middle', 'up')).toBeUndefined();
    expect(nearestTowards(places, 'nowhere', 'up')).toBeUndefined();
  });
});

describe('numbers', () => {
  it('have three digits and a prefix', () => {
    expect([0, 0.25, 7, 12.34, 999.4, 999.6, 1234, 12_345_678].map(formatQuantity)).toEqual([
      '0 ',
      '0.25 ',
      '7 ',
      '12.3 ',
      '999 ',
      '1.00 k',
      '1.23 k',
      '12.3 M',
    ]);
  });

  it('of 64 bits stay exact, in groups of three', () => {
    expect(formatCount('18446744073709551615').replaceAll('\u2009', ' ')).toBe('18 446 744 073 709 551 615');
    expect(formatCount(999)).toBe('999');
  });

  it('of time are minutes, seconds and milliseconds', () => {
    expect([0, 7_250, 61_004, 3_723_004].map(formatMoment)).toEqual([
      '0:00.000',
      '0:07.250',
      '1:01.004',
      '1:02:03.004',
    ]);
  });
});

describe('a name on a card', () => {
  it('is cut with an ellipsis before it leaves its room', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 20, max: 200 }), (name, room) => {
        expect(textWidth(shorten(name, room, 12), 12)).toBeLessThanOrEqual(room);
      }),
    );
  });

  it('stays whole where it fits', () => {
    expect(shorten('camera-a1', 70, 12.5)).toBe('camera-a1');
  });
});
