/** What goes between the stand-in's main process and a utility child. Ports go by number. */
export type ParentMessage =
  | { kind: 'message'; data: unknown; ports: number[] }
  | { kind: 'port'; id: number; data: unknown }
  | { kind: 'port-closed'; id: number }

export type ChildMessage =
  | { kind: 'message'; data: unknown }
  | { kind: 'port'; id: number; data: unknown }
  | { kind: 'port-closed'; id: number }
