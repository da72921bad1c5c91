import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'

const at = (path: string) => resolve(import.meta.dirname, path)

/** Native packages stay outside; `ws` looks for two more, which Cairn does without. */
const NATIVE = ['better-sqlite3', 'onnxruntime-node', 'bufferutil', 'utf-8-validate']

export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      minify: false,
      rolldownOptions: {
        input: {
          index: at('src/main/index.ts'),
          engine: at('src/main/entries/engine.ts'),
          cli: at('src/cli/index.ts'),
          reader: at('src/engine/importers/worker.ts'),
          reading: at('src/engine/services/reading-thread.ts'),
          inference: at('src/engine/inference/process.ts'),
        },
        external: NATIVE,
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      minify: false,
      rolldownOptions: {
        input: { index: at('src/preload/index.ts') },
        // A sandboxed preload is loaded as one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    // Relative addresses work under app:// and on loopback alike.
    base: './',
    plugins: [svelte()],
    worker: { format: 'es' },
    build: {
      outDir: at('out/renderer'),
      // Nothing as data: address, so that the content security policy need not allow any.
      assetsInlineLimit: 0,
      minify: true,
      rolldownOptions: { input: at('src/renderer/index.html') },
    },
  },
})
