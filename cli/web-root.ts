/** Where the built page lies, seen from the built commands. */
import { fileURLToPath } from 'node:url';

export const WEB_ROOT = fileURLToPath(new URL('../web', import.meta.url));
