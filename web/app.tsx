/** The frame of the page: header, notice, map, inspector, events. Each part fails for itself. */
import { Announcer } from './announcer.tsx';
import { EventList } from './event-list.tsx';
import { connection } from './feed.ts';
import { Header } from './header.tsx';
import { Inspector } from './inspector.tsx';
import { MapPanel } from './map-panel.tsx';
import { Notice } from './notice.tsx';
import { Part } from './part.tsx';

export function App() {
  return (
    <div class="app" data-connection={connection.value.type}>
      <Header />
      <Notice />
      <main class="main">
        <Part>
          <MapPanel />
        </Part>
        <Part>
          <EventList />
        </Part>
      </main>
      <Part>
        <Inspector />
      </Part>
      <Announcer />
    </div>
  );
}
