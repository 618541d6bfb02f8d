//! Runs sBPF programs in Agave's virtual machine.
//!
//! usage: alcatraz-peer-solana-sbpf ELF INPUT              the lines of lines.rs
//!        alcatraz-peer-solana-sbpf jit|interpreter ELF --n N ...    as every peer

mod cycle;
mod lines;
mod machine;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [elf, input] => {
            if let Err(error) = lines::serve(elf, input) {
                eprintln!("error: {error}");
                std::process::exit(1);
            }
        }
        _ => alcatraz_peer_protocol::serve::<cycle::Sbpf>(),
    }
}
