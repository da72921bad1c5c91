import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server does with a request. */
export type Answer = (
  request: { body: string; headers: IncomingMessage['headers'] },
  response: ServerResponse,
) => void

/** A real server on loopback that answers as it is told, one answer after the other, the last for all that follow. */
export async function serve(...answers: Answer[]) {
  const asked: { body: string; headers: IncomingMessage['headers'] }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const turn = { body, headers: request.headers }
      asked.push(turn)
      answers[Math.min(asked.length, answers.length) - 1]!(turn, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url, asked, close }
}

export const says =
  (content: string): Answer =>
  (_, response) =>
    response.end(
      JSON.stringify({
        choices: [{ message: { content } }],
        usage: { prompt_tokens: 100, completion_tokens: 7 },
      }),
    )
export const status =
  (code: number, body = ''): Answer =>
  (_, response) =>
    response.writeHead(code).end(body)
export const never: Answer = () => undefined
export const torn: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 })
  response.write('{"choices": [{"message": {"con')
  setTimeout(() => response.destroy(), 20)
}
export const senseless: Answer = (_, response) => response.end('<html>not JSON</html>')
