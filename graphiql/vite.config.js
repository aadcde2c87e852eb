import { defineConfig } from 'vite';

// The application serves the page at /graphql and everything else below /graphiql/assets/.
export default defineConfig({
  base: '/graphiql/',
  logLevel: 'warn',
  build: {
    rolldownOptions: { checks: { moduleLevelDirective: false } }, // "use client" says nothing to a page without a server
    outDir: '../src/oms_api/http/static/graphiql',
    emptyOutDir: true,
    target: 'es2022',
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4096, // the editor is one chunk of some megabytes, and is cached for a year
  },
});
