import type { Program } from 'alcatraz-vm'
import { type Container, decodeContainer, linkBpf, programOf } from 'alcatraz-vm/link'
import { readInput } from './files.ts'
import { about, CliError } from './ui/errors.ts'

/** What a file is, by its first bytes. */
export type FileKind = 'container' | 'elf' | 'polkavm' | 'other'

const magics: readonly (readonly [FileKind, readonly number[]])[] = [
  ['container', [0x41, 0x4c, 0x43, 0x5a]],
  ['elf', [0x7f, 0x45, 0x4c, 0x46]],
  ['polkavm', [0x50, 0x56, 0x4d, 0x00]],
]

export function kindOf(bytes: Uint8Array): FileKind {
  const found = magics.find(([, magic]) => magic.every((octet, i) => bytes[i] === octet))
  return found?.[0] ?? 'other'
}

/** A program, and the container it came from if it is one of ours. */
export interface Loaded {
  readonly program: Program
  readonly container?: Container
  /** The container's bytes: the file's own, or what linking the object on the fly wrote. */
  readonly bytes?: Uint8Array
}

/** A container, or an object that is linked on the fly. @throws {CliError} naming the file */
export function loadContract(path: string): Required<Loaded> {
  const file = readInput(path)
  const kind = kindOf(file)
  if (kind !== 'container' && kind !== 'elf')
    throw new CliError('this is neither a container nor an ELF object', {
      where: path,
      code: 'unknownFile',
      next: 'alcatraz link FILE.o -o FILE.alcz',
    })
  const next = kind === 'elf' ? 'alcatraz link with all objects of the program' : undefined
  return about(path, next, () => {
    const bytes = kind === 'elf' ? linkBpf([{ name: path, bytes: file }]).container : file
    const container = decodeContainer(bytes)
    return { program: programOf(container), container, bytes }
  })
}
