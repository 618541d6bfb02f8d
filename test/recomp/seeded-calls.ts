import type { SeededBug } from '../laws/seeded-bugs.ts'

const bug = (file: string, find: string, replace: string, what: string): SeededBug => ({
  ...{ file: `${file}.js`, find, replace, what, isa: 'order' },
})

/** Mistakes in what functions of AVM are given. */
export const avmCallBugs: readonly SeededBug[] = [
  bug(
    'signatures',
    'isCallable ? most - count : 0',
    '0',
    'functions called through registers have types of their own',
  ),
  bug(
    'signatures',
    'start |= of[callee].passed;',
    '',
    'arguments that the caller never touches are not there',
  ),
  bug(
    'signatures',
    'readsOf(program, row) | writesOf(program, row)',
    'writesOf(program, row)',
    'what is only read is not zero at the start',
  ),
  bug(
    'signatures',
    'bits | answers | of[f].passed',
    'bits | of[f].passed',
    'results that nobody looks at are not there',
  ),
  bug(
    'signatures',
    '(touched.bits & (1 << framePointer)) !== 0',
    'false',
    'functions that use their frame are not told where it is',
  ),
]
