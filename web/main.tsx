/** The page begins here: watchers first, then the tree, then the feed. */
import { render } from 'preact';
import { App } from './app.tsx';
import { openFeed } from './feed.ts';
import { watchLanguage } from './language.ts';
import { watchSelection } from './selected.ts';
import { watchTheme } from './theme.ts';

watchLanguage();
watchTheme();
watchSelection();
render(<App />, document.getElementById('app')!);
openFeed();
