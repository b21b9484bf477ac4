/**
 * How the page is built: `vite build -c web/vite.config.ts` writes dist/web, which the controller serves.
 *
 * Nothing is inlined, because the page runs under a policy of `script-src 'self'; style-src 'self'`. The configuration is a plain object, so
 * that the room imports nothing that the page does not ship.
 */
export default {
  root: import.meta.dirname,
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
};
