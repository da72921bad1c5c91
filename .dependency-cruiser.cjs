/** The layering of docs/architecture.md, as rules. */
const only = (path) => ({ path })
const node = '^(node:|fs$|path$|os$|crypto$|child_process$|worker_threads$|stream$|zlib$|http$|net$|util$)'

module.exports = {
  forbidden: [
    {
      name: 'shared-stays-pure',
      comment: 'shared imports only shared and pure packages: it runs in a browser, a worker and Node alike.',
      severity: 'error',
      from: only('^src/shared'),
      to: {
        path: [
          '^src/(engine|main|preload|web|cli|renderer)',
          node,
          'node_modules/(electron|better-sqlite3|onnxruntime-node|ws|commander)/',
        ],
      },
    },
    {
      name: 'renderer-is-a-client',
      comment: 'The renderer reaches the engine through the contract only.',
      severity: 'error',
      from: only('^src/renderer'),
      to: {
        path: [
          '^src/(engine|main|web|cli)',
          node,
          'node_modules/(electron|better-sqlite3|onnxruntime-node|ws)/',
        ],
      },
    },
    {
      name: 'engine-knows-no-host',
      severity: 'error',
      from: only('^src/engine'),
      to: { path: ['^src/(main|preload|web|cli|renderer)', 'node_modules/electron/'] },
    },
    {
      name: 'electron-only-in-its-shell',
      severity: 'error',
      from: { pathNot: '^src/(main|preload)' },
      to: only('node_modules/electron/'),
    },
    {
      name: 'sqlite-only-in-db',
      severity: 'error',
      from: { pathNot: '^src/engine/db' },
      to: only('node_modules/better-sqlite3/'),
    },
    {
      name: 'onnx-only-in-inference',
      severity: 'error',
      from: { pathNot: '^src/engine/inference' },
      to: only('node_modules/onnxruntime-node/'),
    },
    {
      name: 'formats-and-domain-without-database',
      severity: 'error',
      from: only('^src/(engine/(importers|exporters)|shared/domain)'),
      to: only('^src/engine/db'),
    },
    {
      name: 'features-through-their-index',
      severity: 'error',
      from: { path: '^src/renderer/src/features/([^/]+)/' },
      to: {
        path: '^src/renderer/src/features/([^/]+)/',
        pathNot: ['^src/renderer/src/features/$1/', '^src/renderer/src/features/[^/]+/index\\.ts$'],
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.d\\.ts$', '^src/shared/domain/behaviours\\.ts$', '^src/renderer/public/'],
      },
      to: {},
    },
    { name: 'nothing-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types', 'svelte'],
      extensions: ['.ts', '.js', '.svelte', '.d.ts'],
    },
  },
}
