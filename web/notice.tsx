/** The strip that says why nothing can be changed, while the server is away. */
import { connection, openFeed, topology } from './feed.ts';
import { say } from './language.ts';

export function Notice() {
  const { type } = connection.value;
  if (type === 'live' || type === 'connecting') return null;
  return (
    <div class="notice" role="alert">
      <span>{topology.value ? say('connection.old') : say('rest.unreachable')}</span>
      <button type="button" onClick={openFeed}>
        {say('connection.retry')}
      </button>
    </div>
  );
}
