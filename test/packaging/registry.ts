import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { npm } from './pack.ts'

/** A package source on loopback that knows our tarballs and sends npm on for everything else. */
export interface LocalRegistry {
  /** For the environment variable npm_config_registry. */
  readonly url: string
  close(): Promise<void>
}

/** Serves `manifests`, each with its tarball, as if they had been published. */
export async function serveTarballs(
  packages: readonly {
    readonly manifest: object & { name: string; version: string }
    readonly tarball: string
  }[],
): Promise<LocalRegistry> {
  const upstream = npm(['config', 'get', 'registry'], process.cwd()).trim().replace(/\/$/, '')
  const byName = new Map(packages.map((p) => [p.manifest.name, p]))
  const byFile = new Map(packages.map((p) => [basename(p.tarball), p.tarball]))
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)
    const file = byFile.get(basename(path))
    const found = byName.get(path.slice(1))
    if (file !== undefined) {
      response.setHeader('content-type', 'application/octet-stream').end(readFileSync(file))
    } else if (found !== undefined) {
      const { name, version } = found.manifest
      const integrity = `sha512-${createHash('sha512').update(readFileSync(found.tarball)).digest('base64')}`
      const { port } = server.address() as AddressInfo
      const tarball = `http://127.0.0.1:${port}/${name}/-/${basename(found.tarball)}`
      const versions = { [version]: { ...found.manifest, dist: { tarball, integrity } } }
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ name, 'dist-tags': { latest: version }, versions }))
    } else {
      response.writeHead(302, { location: `${upstream}${request.url ?? '/'}` }).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
