import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A peer as `npm run peers -w bench` builds it, or from the folder that `ALCATRAZ_PEERS` names; undefined where it is
 * not.
 */
export function peerProgram(crate: string): string | undefined {
  const built = fileURLToPath(new URL('../peers/target/release', import.meta.url))
  const program = `${process.env['ALCATRAZ_PEERS'] ?? built}/alcatraz-peer-${crate}`
  return existsSync(program) ? program : undefined
}
