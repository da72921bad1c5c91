import type { JobProgress } from '#shared/contract/jobs.ts'
import { bytes, count } from './terminal.ts'

const BAR = 24

/** A progress line on standard error; silent unless that is a terminal. */
export function createProgress(label: string): { show(progress: JobProgress): void; done(): void } {
  const stream = process.stderr
  if (!stream.isTTY) return { show: () => undefined, done: () => undefined }
  const started = performance.now()
  return {
    show({ done, total, unit, traces }) {
      const share = total === null || total === 0 ? 0 : Math.min(1, done / total)
      const filled = Math.round(share * BAR)
      const bar = '━'.repeat(filled) + '─'.repeat(BAR - filled)
      const seconds = (performance.now() - started) / 1000
      const amount =
        unit === 'bytes'
          ? `${bytes(done)}${total === null ? '' : ` of ${bytes(total)}`}${traces === 0 ? '' : ` · ${count(traces)} traces`}`
          : `${count(done)}${total === null ? '' : ` of ${count(total)}`} traces`
      const left = share > 0.02 ? ` · ${duration((seconds / share) * (1 - share))} left` : ''
      const line = `${label} ${bar} ${Math.floor(share * 100)}% · ${amount}${left}`
      stream.write(`\r\x1b[2K${line.slice(0, Math.max(20, stream.columns - 1))}`)
    },
    done() {
      stream.write('\r\x1b[2K')
    },
  }
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}
