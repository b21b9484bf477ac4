/**
 * What changes, spoken by a screen reader: the connection, and the newest event. One sentence at a time, because a live region that is
 * rewritten many times a second is never read to its end.
 */
import { useEffect, useState } from 'preact/hooks';
import { sayEvent } from './event-words.ts';
import { connection, events, topology } from './feed.ts';
import { language, say } from './language.ts';

const PAUSE_MS = 1_000;

export function Announcer() {
  const newest = events.value[0];
  const { type } = connection.value;
  const sentence =
    type !== 'live' && type !== 'connecting'
      ? say('connection.lost')
      : newest
        ? sayEvent(newest.event, topology.value, language.value)
        : '';
  const [spoken, setSpoken] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSpoken(sentence), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [sentence]);
  return (
    <div class="visually-hidden" aria-live="polite" role="status">
      {spoken}
    </div>
  );
}
