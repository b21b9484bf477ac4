/** The latest events in words, newest first. */
import { isTrouble, sayEvent } from './event-words.ts';
import { events, topology } from './feed.ts';
import { EVENTS_MAX } from './feed-state.ts';
import { language, say } from './language.ts';
import { formatMoment } from './quantity.ts';

export function EventList() {
  const list = events.value;
  return (
    <section class="panel events" aria-labelledby="events-title">
      <div class="panel-head">
        <h2 id="events-title">{say('events.title')}</h2>
        <span class="muted small">{say('events.latest', { n: EVENTS_MAX })}</span>
      </div>
      {list.length === 0 ? (
        <p class="muted empty-line">{say('events.none')}</p>
      ) : (
        // A region that scrolls must be reachable by the keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <ol class="event-list" tabIndex={0} aria-labelledby="events-title">
          {list.map(({ key, event }) => (
            <li key={key} class={isTrouble(event) ? 'trouble' : ''}>
              <time class="number muted">{formatMoment(event.atMs)}</time>
              <span class="mark" aria-hidden="true" />
              <span>{sayEvent(event, topology.value, language.value)}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
