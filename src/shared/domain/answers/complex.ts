/** A complex number in doubles. */
export interface Complex {
  readonly re: number
  readonly im: number
}

export const complex = (re: number, im = 0): Complex => ({ re, im })
export const add = (a: Complex, b: Complex): Complex => complex(a.re + b.re, a.im + b.im)
export const subtract = (a: Complex, b: Complex): Complex => complex(a.re - b.re, a.im - b.im)
export const multiply = (a: Complex, b: Complex): Complex =>
  complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
export const size = (a: Complex): number => Math.hypot(a.re, a.im)

export function divide(a: Complex, b: Complex): Complex {
  if (b.im === 0) return complex(a.re / b.re, a.im / b.re)
  const square = b.re * b.re + b.im * b.im
  return complex((a.re * b.re + a.im * b.im) / square, (a.im * b.re - a.re * b.im) / square)
}

export function exp(a: Complex): Complex {
  const scale = Math.exp(a.re)
  return a.im === 0 ? complex(scale) : complex(scale * Math.cos(a.im), scale * Math.sin(a.im))
}

/** The principal logarithm; the 0 takes the sign from −0, which would make the argument of −4 a −π. */
export const log = (a: Complex): Complex => complex(Math.log(size(a)), Math.atan2(a.im + 0, a.re))

/** The principal value of `a` to the power `b`; whole powers are multiplied out. */
export function power(a: Complex, b: Complex): Complex {
  if (b.im === 0 && Number.isInteger(b.re) && Math.abs(b.re) <= 64) {
    let result = complex(1)
    for (let i = 0; i < Math.abs(b.re); i++) result = multiply(result, a)
    return b.re < 0 ? divide(complex(1), result) : result
  }
  if (a.im === 0 && b.im === 0 && (a.re >= 0 || Number.isInteger(b.re))) return complex(a.re ** b.re)
  return exp(multiply(b, log(a)))
}

export const sin = (a: Complex): Complex =>
  complex(Math.sin(a.re) * Math.cosh(a.im), Math.cos(a.re) * Math.sinh(a.im))
export const cos = (a: Complex): Complex =>
  complex(Math.cos(a.re) * Math.cosh(a.im), -Math.sin(a.re) * Math.sinh(a.im))
