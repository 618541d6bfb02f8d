#!/bin/sh
# Compiles the probes of the RISC-V linker in the ways that compilers and linkers differ, and writes OBJECTS.md.
#   apt-get install clang-19 clang-22 lld-19 llvm-19
set -eu
cd "$(dirname "$0")"
rm -rf objects && mkdir objects
rows=objects/.rows
COMMON='-O2 -ffreestanding -fno-ident'

# compile NAME CLANG MARCH MABI [FLAG...]: objects/NAME-probe.o and objects/NAME-other.o
compile() {
  name=$1 clang=$2 march=$3 mabi=$4
  shift 4
  for source in probe other; do
    # shellcheck disable=SC2086
    "$clang" --target="riscv$(echo "$march" | cut -c3-4)-unknown-elf" -march="$march" -mabi="$mabi" $COMMON "$@" -ffile-prefix-map="$PWD"=. -fdebug-compilation-dir=. -c $source.c -o "objects/$name-$source.o"
    record "$name-$source.o" "$clang -march=$march -mabi=$mabi $*"
  done
}

# record FILE COMMAND: a row of the table
record() {
  echo "| \`$1\` | \`$2\` | $(wc -c < "objects/$1" | tr -d ' ') | \`$(sha256sum "objects/$1" | cut -d' ' -f1)\` |" >> "$rows"
}

# link NAME OBJECTS FLAG...: objects/NAME of two objects
link() {
  name=$1 from=$2
  shift 2
  ld.lld-19 "$@" "objects/$from-probe.o" "objects/$from-other.o" -o "objects/$name"
  chmod 644 "objects/$name"
  record "$name" "ld.lld-19 $* $from-probe.o $from-other.o"
}

B=rv64imac_zba_zbb_zbs
compile plain clang-19 $B lp64
compile sections clang-22 $B lp64 -ffunction-sections -fdata-sections -g
compile pic clang-19 $B lp64 -fPIC
compile norelax clang-22 $B lp64 -mno-relax
compile medany clang-22 rv64imac lp64 -mcmodel=medany -g -gdwarf-4
compile i clang-19 rv64im lp64
compile wide32 clang-19 rv32imac ilp32 -fcommon
compile small clang-22 rv64emac lp64e
compile float clang-19 rv64imafdc lp64d
compile vector clang-19 rv64imacv lp64
link whole.o plain -r
link kept.elf plain -e run --emit-relocs --no-relax --unresolved-symbols=ignore-all
link relaxed.elf plain -e run --emit-relocs --gc-sections --unresolved-symbols=ignore-all
clang-19 --target=riscv64-unknown-elf -march=$B -mabi=lp64 $COMMON -fPIC -c start.c -o objects/start.o
record start.o "clang-19 -march=$B -mabi=lp64 -fPIC"
link bare.elf plain objects/start.o
link pie.elf pic -pie --no-dynamic-linker objects/start.o
# executables with names of host calls, without an object beside them
for bits in 64 32; do
  case $bits in 64) march=$B mabi=lp64 ;; *) march=rv32imac mabi=ilp32 ;; esac
  clang-19 --target=riscv$bits-unknown-elf -march=$march -mabi=$mabi $COMMON -fuse-ld=lld-19 -nostdlib -static -Wl,--gc-sections imports.c -o objects/imports$bits.elf
  chmod 644 objects/imports$bits.elf
  record imports$bits.elf "clang-19 -march=$march -mabi=$mabi -nostdlib -static -Wl,--gc-sections imports.c"
done
rm -f objects/lib.a
llvm-ar-19 rcD objects/lib.a objects/plain-other.o objects/float-other.o
record lib.a 'llvm-ar-19 rcD plain-other.o float-other.o'

{
  cat <<'END'
# Checked-in objects of RISC-V

Built by `guests/riscv/build.sh` from `probe.c`, `other.c`, `start.c` and `imports.c`; written by this project, licence MIT OR Apache-2.0 as everything
else here. Compilers: Debian clang 19.1.7 and 22.1.8, LLD 19. All objects: `-O2 -ffreestanding -fno-ident`.

| object | built by | bytes | SHA-256 |
| --- | --- | ---: | --- |
END
  cat "$rows"
} > OBJECTS.md
rm "$rows"
