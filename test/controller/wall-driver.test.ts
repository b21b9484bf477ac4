import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WallDriver } from '../../controller/wall-driver.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Bytes of the switch and the driver to and fro, until both are silent. */
function connect(
  driver: WallDriver,
  device: ScriptedSwitch,
): { readonly pump: () => void; readonly hangUps: string[] } {
  const toSwitch: Uint8Array[] = [];
  const hangUps: string[] = [];
  device.dial(0);
  driver.open('s1', { write: (bytes) => toSwitch.push(bytes) > 0, hangUp: () => hangUps.push('s1') });
  const pump = () => {
    for (let bytes = device.takeOutgoing(); bytes || toSwitch.length > 0; bytes = device.takeOutgoing()) {
      if (bytes) driver.receive('s1', bytes);
      for (const output of toSwitch.splice(0)) device.receive(output, 0);
    }
  };
  return { pump, hangUps };
}

describe('a controller by the wall clock', () => {
  it('hangs up, without being asked, on a peer that says nothing', () => {
    const driver = new WallDriver();
    const hangUps: string[] = [];
    driver.open('silent', { write: () => true, hangUp: () => hangUps.push('silent') });
    vi.advanceTimersByTime(9_990);
    expect(hangUps).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(hangUps).toEqual(['silent']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('probes its switches again and again, and drops one that stops answering', () => {
    const driver = new WallDriver();
    const device = new ScriptedSwitch({ dpid: 0x11n });
    const { pump, hangUps } = connect(driver, device);
    pump();
    const probes = () => device.received.filter(({ type }) => type === 'packetOut').length;
    const before = probes();
    for (let second = 0; second < 12; second++) {
      vi.advanceTimersByTime(1000);
      pump();
    }
    expect(probes()).toBe(before + 2 * device.ports.size);
    vi.advanceTimersByTime(20_000);
    expect(hangUps).toEqual(['s1']);
    expect(driver.act((controller) => controller.switches())).toEqual([]);
  });

  it('leaves no timer behind when it is closed', async () => {
    const driver = new WallDriver();
    const { pump, hangUps } = connect(driver, new ScriptedSwitch({ dpid: 0x11n }));
    pump();
    expect(vi.getTimerCount()).toBe(1);
    await driver.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(hangUps).toEqual(['s1']);
  });

  it('is not entered twice at once', () => {
    const driver = new WallDriver();
    expect(() => driver.act(() => driver.act(() => undefined))).toThrow('once at a time');
  });
});
