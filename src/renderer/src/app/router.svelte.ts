import { parseRoute, type Route } from './route.ts'

/** The address' hash as state. */
export class Router {
  route = $state.raw<Route>(parseRoute(location.hash))

  constructor() {
    addEventListener('hashchange', () => this.#read())
  }

  go(href: string): void {
    location.hash = href
    this.#read()
  }

  /** Changes the address without a step in the browser's history, as while typing. */
  replace(href: string): void {
    history.replaceState(null, '', href)
    this.#read()
  }

  #read(): void {
    this.route = parseRoute(location.hash)
  }
}
