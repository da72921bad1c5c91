import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

/** Draws build/icon.png: four stones, one upon the other. Run again after a change: `node build/make-icon.js`. */

const SIZE = 1024
/** Samples per pixel and direction, for smooth edges. */
const SAMPLES = 3

/** Superellipses in the unit square, |x|^p + |y|^p ≤ 1; a later one lies above. */
const SHAPES = [
  { x: 0.5, y: 0.5, rx: 0.44, ry: 0.44, power: 5, tilt: 0, colour: [0x1d, 0x26, 0x2b] },
  { x: 0.5, y: 0.735, rx: 0.29, ry: 0.095, power: 2.6, tilt: 0, colour: [0x7c, 0x8a, 0x90] },
  { x: 0.515, y: 0.56, rx: 0.215, ry: 0.085, power: 2.5, tilt: -0.05, colour: [0xb4, 0xbd, 0xbd] },
  { x: 0.485, y: 0.405, rx: 0.155, ry: 0.075, power: 2.4, tilt: 0.07, colour: [0x93, 0xa3, 0xa4] },
  { x: 0.51, y: 0.275, rx: 0.095, ry: 0.06, power: 2.3, tilt: -0.09, colour: [0xf2, 0xa6, 0x3b] },
]

function colourAt(x, y) {
  return SHAPES.findLast(({ x: cx, y: cy, rx, ry, power, tilt }) => {
    const [dx, dy] = [x - cx, y - cy]
    const along = (dx * Math.cos(tilt) + dy * Math.sin(tilt)) / rx
    const across = (dy * Math.cos(tilt) - dx * Math.sin(tilt)) / ry
    return Math.abs(along) ** power + Math.abs(across) ** power <= 1
  })?.colour
}

function pixel(column, row) {
  const sum = [0, 0, 0]
  let inside = 0
  for (let sample = 0; sample < SAMPLES ** 2; sample++) {
    const x = (column + ((sample % SAMPLES) + 0.5) / SAMPLES) / SIZE
    const y = (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / SIZE
    const colour = colourAt(x, y)
    if (colour === undefined) continue
    inside++
    for (const channel of [0, 1, 2]) sum[channel] += colour[channel]
  }
  const alpha = Math.round((inside / SAMPLES ** 2) * 255)
  return inside === 0 ? [0, 0, 0, 0] : [...sum.map((value) => Math.round(value / inside)), alpha]
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

function png() {
  const rows = Buffer.alloc(SIZE * (SIZE * 4 + 1))
  for (let row = 0; row < SIZE; row++)
    for (let column = 0; column < SIZE; column++)
      rows.set(pixel(column, row), row * (SIZE * 4 + 1) + 1 + column * 4)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIZE, 0)
  header.writeUInt32BE(SIZE, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return Buffer.concat([signature, ...parts])
}

writeFileSync(join(import.meta.dirname, 'icon.png'), png())
