/** The one selection of the page, held by the address bar: links on the map are links, and Back goes back. */
import { signal } from '@preact/signals';
import { parseSelection, type Selection } from './selection.ts';

const current = () => parseSelection(location.hash);

export const selected = signal<Selection | undefined>(current());

export function clearSelection(): void {
  if (location.hash !== '') history.pushState(null, '', location.pathname + location.search);
  selected.value = undefined;
}

export function watchSelection(): void {
  const read = () => {
    selected.value = current();
  };
  addEventListener('hashchange', read);
  addEventListener('popstate', read);
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) clearSelection();
  });
}

export function isSelected(type: Selection['type'], id: string): boolean {
  return selected.value?.type === type && selected.value.id === id;
}
