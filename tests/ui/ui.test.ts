import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { afterJobsTests } from './after-jobs.ts'
import { startApp, type App } from './app.ts'
import { CHROMIUM } from './browser.ts'
import { cudaTests } from './cuda.ts'
import { curateTests } from './curate.ts'
import { desktopTests } from './desktop.ts'
import { labelHistoryTests } from './labelling-history.ts'
import { pointerLabellingTests } from './labelling-pointer.ts'
import { labellingTests } from './labelling.ts'
import { learningTests } from './learning.ts'
import { lookTests } from './look.ts'
import { interruptedTests } from './interrupted.ts'
import { libraryTests } from './library.ts'
import { modelsTests } from './models.ts'
import { modelStatesTests } from './models-states.ts'
import { unreadableModelsTests } from './models-unreadable.ts'
import { paletteTests } from './palette.ts'
import { peopleTests } from './people.ts'
import { settingsTests } from './settings.ts'
import { readingTests } from './reading.ts'
import { similarTests } from './similar.ts'
import { traceTests } from './trace.ts'
import { traceColumnsTests } from './traces-columns.ts'
import { tracesTests } from './traces.ts'
import { treeTests } from './tree.ts'
import { withoutStepsTests } from './without-steps.ts'

if (CHROMIUM === null)
  console.warn(
    'The tests of the user interface are left out: no Chromium here (CAIRN_CHROMIUM can name one).',
  )

describe.skipIf(CHROMIUM === null)('the user interface in a browser', () => {
  let app: App
  beforeAll(async () => {
    app = await startApp()
  })
  afterEach(() => app.closePages())
  afterAll(() => app.close())

  describe('traces', () => tracesTests(() => app))
  describe('columns of traces', () => traceColumnsTests(() => app))
  describe('trace', () => traceTests(() => app))
  describe('tree', () => treeTests(() => app))
  describe('reading', () => readingTests(() => app))
  describe('labels over time', () => labelHistoryTests(() => app))
  describe('labelling by pointer', () => pointerLabellingTests(() => app))
  describe('labelling', () => labellingTests(() => app))
  describe('look', () => lookTests(() => app))
  describe('palette', () => paletteTests(() => app))
  describe('settings', () => settingsTests(() => app))
  describe('models', () => modelsTests(() => app))
  describe('models as they come and go', () => modelStatesTests(() => app))
  describe('built-in models that cannot be read', () => unreadableModelsTests(() => app))
  describe('similar', () => similarTests(() => app))
  describe('curate', () => curateTests(() => app))
  describe('desktop', () => desktopTests(() => app))
  describe('library', () => libraryTests(() => app))
  describe('learning', () => learningTests(() => app))
  describe('after jobs', () => afterJobsTests(() => app))
  describe('a trace without steps', () => withoutStepsTests(() => app))
  describe('interrupted work', () => interruptedTests(() => app))
  describe('agreement between people', () => peopleTests(() => app))
  describe('the CUDA provider', () => cudaTests(() => app))
})
