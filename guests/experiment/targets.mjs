// What the guests are built for: names of files, and what compilers are told.

export const levels = ['O3', 'Os', 'Oz']

const riscv = [
  '-mcmodel=medany',
  '-mno-relax',
  '-mno-save-restore',
  '-mllvm',
  '-enable-machine-outliner=never',
]
const common = ['-ffreestanding', '-fno-builtin', '-fvisibility=hidden', '-ffunction-sections']
const strict = ['-fdata-sections', '-fno-strict-aliasing', '-Wall', '-Wextra', '-Werror']

/** clang's flags by target; `executable`: one is made of the object, too; `crates`: levels that crates are built at, if not all. */
export const targets = {
  // no extension beyond what stock toolchains take for granted
  rv64: {
    suffix: 'rv64.o',
    executable: true,
    clang: ['--target=riscv64', '-march=rv64imac', '-mabi=lp64', ...riscv],
  },
  rv64b: {
    suffix: 'rv64b.o',
    executable: true,
    clang: ['--target=riscv64', '-march=rv64imac_zba_zbb_zbs_zicond', '-mabi=lp64', ...riscv],
  },
  // sixteen registers
  rv64e: {
    suffix: 'rv64e.o',
    crates: ['O3', 'Oz'],
    clang: ['--target=riscv64', '-march=rv64emac_zba_zbb_zbs_zicond', '-mabi=lp64e', ...riscv],
  },
  rv32: {
    suffix: 'rv32.o',
    crates: ['O3'],
    executable: true,
    clang: ['--target=riscv32', '-march=rv32imac', '-mabi=ilp32', ...riscv],
  },
  bpf: {
    suffix: 'bpf.o',
    clang: ['--target=bpfel', '-mcpu=v4', '-fstack-size-section', '-mllvm', '-bpf-stack-size=4096'],
  },
  sbpf: {
    suffix: 'sbpf.o',
    clang: [
      ...['--target=bpfel', '-mcpu=v2', '-fstack-size-section', '-mllvm', '-bpf-stack-size=4096'],
      '-DGUEST_SOLANA',
    ],
  },
  wasm: { suffix: 'wasm', clang: ['--target=wasm32', '-mcpu=mvp', '-mbulk-memory', '-msign-ext'] },
}

/** All of clang's arguments but the source and the output. */
export const clangArguments = (target, level) => [
  ...targets[target].clang,
  `-${level}`,
  ...common,
  ...strict,
]
