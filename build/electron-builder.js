/** How the desktop app is packaged: `npx electron-builder --config build/electron-builder.js`. */

/** Bundled into out/ by the build, so not needed as packages. */
const BUNDLED =
  '@cortex-js/compute-engine,@huggingface/jinja,@huggingface/tokenizers,birpc,commander,csv-parse,hyparquet,hyparquet-compressors,hyparquet-writer,ws,yaml,yauzl,zod'

/** onnxruntime's libraries for other systems than the one packaged for. */
const withoutOnnxFor = (...systems) => [
  `!**/node_modules/onnxruntime-node/bin/napi-v*/{${systems.join(',')}}/**`,
]

export default {
  appId: 'org.cairn.workbench',
  productName: 'Cairn',
  copyright: 'Copyright the Cairn authors',
  directories: { output: 'dist', buildResources: 'build' },
  files: [
    'out/**',
    'resources/**',
    'package.json',
    'LICENSE',
    'NOTICE',
    `!**/node_modules/{${BUNDLED}}/**`,
    '!**/node_modules/better-sqlite3/{deps,src}/**',
  ],
  asar: true,
  // Native libraries and the models that they open cannot be read out of the archive.
  asarUnpack: ['resources/models/**', '**/*.node', '**/node_modules/onnxruntime-node/bin/**'],
  // Native packages bring binaries of the stable Node interface, which Electron loads as they are.
  npmRebuild: false,
  electronLanguages: ['en-US'],
  electronFuses: {
    // The inference process is forked from the engine, which Electron does by running itself as Node.
    runAsNode: true,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  linux: {
    target: ['AppImage', 'deb'],
    category: 'Science',
    synopsis: 'Offline workbench for reasoning traces',
    files: withoutOnnxFor('darwin', 'win32'),
  },
  mac: {
    target: ['dmg'],
    category: 'public.app-category.developer-tools',
    hardenedRuntime: true,
    files: withoutOnnxFor('linux', 'win32'),
  },
  win: { target: ['nsis'], files: withoutOnnxFor('linux', 'darwin') },
  publish: null,
}
