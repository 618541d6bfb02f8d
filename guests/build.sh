#!/bin/sh
# Compiles every guest with stock clang and writes OBJECTS.md. Nothing else in the repository needs
# a compiler: the objects are checked in. The same compiler gives the same bytes anywhere, because
# paths are relative and no debug information is written.
#   apt-get install clang-14 clang-19 lld-19 clang-22
# (Debian; CLANG_OLD, CLANG, CLANG_NEXT name others)
set -eu
cd "$(dirname "$0")"
CLANG=${CLANG:-clang-19}
CLANG_NEXT=${CLANG_NEXT:-clang-22}
CLANG_OLD=${CLANG_OLD:-clang-14}
COMMON="-O2 -ffreestanding -fno-builtin -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter
  -Iinclude"
FLAGS="-target bpf $COMMON -fstack-size-section"
WASM="--target=wasm32 $COMMON -nostdlib -Wl,--no-entry,--export=run,--export=__heap_base,--strip-all"
mkdir -p objects
rows=objects/.rows
rust=$(sed -n '/^## Contracts in Rust/,$p' OBJECTS.md)
: > "$rows"

# compile COMPILER CPU SOURCE [FLAG...]: objects/NAME-CPU.o, NAME-CPU-next.o or NAME-CPU-old.o
compile() {
  compiler=$1 cpu=$2 source=$3
  shift 3
  name=${AS:-$(basename "$source" .c)}-$cpu
  label=clang-19 stack='-mllvm -bpf-stack-size=4096'
  if [ "$compiler" = "$CLANG_NEXT" ]; then name=$name-next label=clang-22; fi
  if [ "$compiler" = "$CLANG_OLD" ]; then name=$name-old label=clang-14 stack=; fi
  # shellcheck disable=SC2086
  "$compiler" $FLAGS $stack -mcpu="$cpu" "$@" -c "$source" -o "objects/$name.o"
  record "$name.o" "$source" "$label${*:+ \`$*\`}"
}

# wasm SOURCE: objects/NAME.wasm, what the benchmarks hold the same source as eBPF against
wasm() {
  name=$(basename "$1" .c).wasm
  # shellcheck disable=SC2086
  "$CLANG" $WASM "$1" -o "objects/$name"
  chmod 644 "objects/$name"
  record "$name" "$1" "clang-19"
}

# record FILE SOURCE COMPILER: a row of the table
record() {
  hash=$(sha256sum "objects/$1" | cut -d' ' -f1)
  size=$(wc -c < "objects/$1" | tr -d ' ')
  [ "$size" -lt 300000 ] || { echo "objects/$1: $size bytes are too many" >&2; exit 1; }
  echo "| \`$1\` | \`$2\` | $3 | $size | \`$hash\` |" >> "$rows"
}

compile "$CLANG" v4 token/token.c
compile "$CLANG" v4 hostile/hostile.c
compile "$CLANG" v4 relay/relay.c
compile "$CLANG" v4 escrow/escrow.c
AS=careless compile "$CLANG" v4 escrow/escrow.c -DCARELESS
compile "$CLANG" v4 escrow/robber.c
compile "$CLANG" v4 proxy/proxy.c
compile "$CLANG" v4 workload/workload.c
for bench in bench/*.c; do
  compile "$CLANG" v4 "$bench"
  wasm "$bench"
done
for cpu in v1 v2 v3 v4; do
  for probe in fptr switch data arith weak hostcalls; do compile "$CLANG" $cpu probes/$probe.c; done
  compile "$CLANG" $cpu probes/weak_strong.c -fcommon
done
compile "$CLANG" v4 probes/arith4.c
for probe in fptr switch data arith arith4 weak weak_strong hostcalls goto trap acquire; do
  compile "$CLANG_NEXT" v4 probes/$probe.c
done
for probe in fptr switch data arith weak weak_strong hostcalls; do
  compile "$CLANG_OLD" v3 probes/$probe.c
done
AS=comdat_first compile "$CLANG" v4 probes/comdat.cpp -ffunction-sections -DENTRY=first -DFIRST
AS=comdat_second compile "$CLANG" v4 probes/comdat.cpp -ffunction-sections -DENTRY=second

{
  cat <<'END'
# Checked-in objects

Built by `guests/build.sh` from the sources beside them; written by this project, licence MIT OR
Apache-2.0 as everything else here. Compilers: Debian clang 19.1.7; 22.1.8 for objects whose name ends
in `-next`, 14.0.6 for `-old`. Flags besides those in the table (the last is unknown to clang 14):

    -target bpf -mcpu=CPU -O2 -ffreestanding -fno-builtin -fvisibility=hidden -fstack-size-section
    -Iinclude -mllvm -bpf-stack-size=4096

The part of the name after the dash is the cpu version. WebAssembly (`.wasm`), also linked by LLD 19:

    --target=wasm32 -O2 -ffreestanding -fno-builtin -fvisibility=hidden -Iinclude
    -nostdlib -Wl,--no-entry,--export=run,--export=__heap_base,--strip-all

| object | source | compiler | bytes | SHA-256 |
| --- | --- | --- | ---: | --- |
END
  cat "$rows"
  # written by rust/build.mjs
  printf '\n%s\n' "$rust"
} > OBJECTS.md
rm "$rows"
echo "$(ls objects/* | wc -l) objects; hashes in guests/OBJECTS.md"
