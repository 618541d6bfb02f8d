// The rooms and what each may import: the one table behind biome.json's overrides
// (scripts/gen-biome.mjs) and behind the test that plants a violation of every arrow.

/**
 * @typedef {object} Room
 * @property {readonly string[]} imports rooms of `vm/src` it may import; `isa/wasm` is a folder of one
 * @property {readonly string[]} [packages] installed packages it may import
 */

/** @type {Record<string, Room>} rooms of vm/src */
export const vmRooms = {
  bits: { imports: [] },
  vm: { imports: ['bits'] },
  isa: { imports: ['bits'] },
  image: { imports: ['isa', 'vm', 'bits'] },
  ir: { imports: ['vm', 'bits'] },
  lift: { imports: ['isa', 'image', 'ir', 'vm', 'bits'] },
  opt: { imports: ['ir', 'bits'] },
  lower: { imports: ['opt', 'ir', 'isa', 'bits'] },
  link: { imports: ['image', 'isa', 'lift', 'opt', 'lower', 'ir', 'vm', 'bits'] },
  reference: { imports: ['isa', 'image', 'vm', 'bits'] },
  emit: { imports: ['isa/wasm', 'bits'] },
  arena: { imports: ['ir', 'vm', 'bits'] },
  interp: { imports: ['arena', 'ir', 'emit', 'isa/wasm', 'vm', 'bits'] },
  recomp: { imports: ['arena', 'ir', 'emit', 'isa/wasm', 'vm', 'bits'] },
  engine: {
    imports: [
      ...['reference', 'interp', 'recomp', 'arena', 'lift', 'ir', 'emit', 'isa/wasm', 'vm', 'bits'],
    ],
  },
  state: { imports: ['bits'], packages: ['@noble/**', 'hash-wasm'] },
  validate: { imports: ['host', 'state', 'bits'] },
  host: {
    imports: ['emit', 'isa/wasm', 'vm', 'state', 'bits'],
    packages: ['@noble/**', 'hash-wasm', '#curves'],
  },
  svm: {
    imports: ['host', 'image', 'isa', 'state', 'vm', 'bits'],
    packages: ['@noble/**', '#curves', '#spl'],
  },
}
/** The public entry points may import every room above, and nothing else. */
export const vmNames = [...Object.keys(vmRooms), 'api']

/** @type {Record<string, Room>} rooms of node/src; every one may import alcatraz-vm's entry points */
export const nodeRooms = {
  store: { imports: [] },
  compile: { imports: [] },
  vectors: { imports: [] },
  chain: { imports: ['store'] },
  rpc: { imports: ['chain', 'store'] },
  cli: { imports: ['rpc', 'chain', 'store', 'vectors', 'compile'] },
}
