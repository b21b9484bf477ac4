import { describe, expect, it } from 'vitest';
import { type Sink, Subscriber } from '../../../controller/live/subscriber.ts';

class Pipe implements Sink {
  bufferedAmount = 0;
  readonly sent: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
}

describe('a client of the feed', () => {
  it('gets no delta before it has a snapshot', () => {
    const pipe = new Pipe();
    const subscriber = new Subscriber(pipe, 100);
    subscriber.sendDelta('1');
    expect(pipe.sent).toEqual([]);
    subscriber.sendSnapshot('s');
    subscriber.sendDelta('2');
    expect(pipe.sent).toEqual(['s', '2']);
  });

  it('that does not read gets nothing more, and a snapshot once it has read all', () => {
    const pipe = new Pipe();
    const subscriber = new Subscriber(pipe, 100);
    subscriber.sendSnapshot('s');
    pipe.bufferedAmount = 101;
    subscriber.sendDelta('1');
    pipe.bufferedAmount = 50;
    subscriber.sendDelta('2');
    expect(pipe.sent).toEqual(['s']);
    expect(subscriber.wantsSnapshot).toBe(false);
    pipe.bufferedAmount = 0;
    expect(subscriber.wantsSnapshot).toBe(true);
    subscriber.sendSnapshot('t');
    subscriber.sendDelta('3');
    expect(pipe.sent).toEqual(['s', 't', '3']);
  });
});
