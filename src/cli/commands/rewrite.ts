import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { RewriteResult } from '#shared/contract/rewrite.ts'
import { REWRITE_PARTS, type RewritePart } from '#shared/domain/llm-judge/rewriting.ts'
import { CairnError } from '#shared/errors.ts'
import { EXIT } from '../exit-codes.ts'
import { addFilterOptions, toFilter, type FilterFlags } from '../filter-options.ts'
import { parseNumber } from '../option-values.ts'
import { follow, withWorkspace } from '../session.ts'
import { count, note, print } from '../terminal.ts'
import { addWorkspaceOption } from '../workspace-option.ts'

interface Flags extends FilterFlags {
  workspace: string
  url: string
  model: string
  parts: string
  instruction?: string
  concurrency: number
  sample?: number
  seed: number
  maxTokens: number
  json?: boolean
}

const HELP = `
Asks a server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama …) to rewrite the question, the thought or
the answer of traces, one request a part, and adds a row a trace to FILE. Traces go to --url and nowhere else; a key in
CAIRN_JUDGE_KEY is sent along and never stored.

A row: {"id", "run", "checkpoint", "sample", "prompt", "response", "reference", "correct", "reward", "original":
{"prompt", "response"}, "answer_kept", "rewriting", "source_trace"}. answer_kept tells whether the final answer is
equal to the one before; "correct" is what the file said of the original. "cairn import" reads the file.

Rows are written one by one, and a trace whose row is there is not asked about again: after Ctrl+C, or when the server
fails, the same command goes on. Failed traces have no row and are asked about again; where some failed, the exit code is 1.

Examples:
  cairn rewrite thoughts.jsonl --url http://localhost:8000/v1 --model qwen3-32b --correct --sample 500
  cairn rewrite new.jsonl --url http://localhost:11434/v1 --model llama3 --parts question,thought
  cairn rewrite short.jsonl --url http://localhost:8000/v1 --model qwen3-32b --instruction brief.txt`

export function rewriteCommand(program: Command): void {
  const command = program
    .command('rewrite')
    .summary('have a language model of yours rewrite questions, thoughts or answers')
    .argument('<file>', 'JSONL file that rows are added to')
    .requiredOption('--url <address>', 'the server, such as http://localhost:8000/v1')
    .requiredOption('-m, --model <name>', 'the model, as its server calls it')
    .option('--parts <list>', `of ${REWRITE_PARTS.join(', ')}; with commas`, 'thought')
    .option('--instruction <file>', 'text file that says how; what must be kept is said in any case')
    .option('--concurrency <n>', 'traces under way at once', parseNumber, 4)
    .option('--sample <n>', 'so many traces at most, drawn by --seed', parseNumber)
    .option('--seed <n>', 'seed of the draw', parseNumber, 1)
    .option('--max-tokens <n>', 'longest answer', parseNumber, 8192)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
  addWorkspaceOption(command)
  addFilterOptions(command)
  command.action(async (path: string, flags: Flags) => {
    await withWorkspace(flags.workspace, { create: false }, async ({ client }) => {
      const { url, model, concurrency, sample, seed, maxTokens, instruction } = flags
      const job = await client.call('rewrite.start', {
        ...{ filter: await toFilter(flags, client), url, model, concurrency, seed, maxTokens },
        // The job may be resumed from another folder.
        path: resolve(path),
        parts: readParts(flags.parts),
        ...(sample !== undefined && { sample }),
        ...(instruction !== undefined && { instruction: readInstruction(instruction) }),
      })
      const result = (await follow(client, job, 'Rewriting')).result as unknown as RewriteResult
      if (flags.json) print(JSON.stringify(result))
      note(
        `${count(result.written)} rows written to ${result.path}, ${count(result.known)} there before, ` +
          `${count(result.failed)} failed; ${count(result.tokensAsked)} tokens asked, ${count(result.tokensAnswered)} answered`,
      )
      if (result.failed > 0) process.exitCode = EXIT.failed
      for (const { reason, traces } of result.failures) note(`  ${count(traces)}: ${reason}`)
      if (result.changed > 0)
        note(
          `${count(result.changed)} rows give another final answer than before: "answer_kept" is false there`,
        )
    })
  })
}

function readParts(list: string): RewritePart[] {
  return list.split(',').map((name) => {
    const part = REWRITE_PARTS.find((one) => one === name.trim())
    if (part === undefined)
      throw new CairnError('bad_request', `"${name}" is no part of a trace: ${REWRITE_PARTS.join(', ')}.`)
    return part
  })
}

function readInstruction(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new CairnError('bad_request', `The instruction ${path} cannot be read: ${(cause as Error).message}`)
  }
}
