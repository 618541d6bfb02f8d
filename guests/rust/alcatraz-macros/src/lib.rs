//! `#[contract]`: a module with a `#[storage]` struct and its messages becomes the entry points
//! `deploy` and `call`, and a description of itself in JSON beside the code.

mod generate;
mod metadata;
mod model;

use proc_macro::TokenStream;
use syn::{parse_macro_input, ItemMod};

/// Turns a module into a contract. Inside it:
///
/// - one struct with `#[storage]`, its fields `Value<T>` or `Map<K, V>`;
/// - in its `impl`: functions with `#[constructor]` (run once, by the first message) and
///   `#[message]` that take `&self` or `&mut self` and arguments that SCALE encodes; `payable` in
///   parentheses lets a value come with the message;
/// - one function with `#[fallback]` that takes `&mut self` and `&[u8]`: the whole input, and any value, of
///   a message that is none of the contract's;
/// - structs with `#[event]`, fields to search by with `#[topic]`: `env::emit(&Transfer { .. })`;
/// - structs and enums with `#[scale]`: types of arguments, answers, errors and storage.
///
/// A message's selector is the first four bytes of the BLAKE2b-256 of its name.
#[proc_macro_attribute]
pub fn contract(_: TokenStream, item: TokenStream) -> TokenStream {
    let module = parse_macro_input!(item as ItemMod);
    match model::Contract::of(module) {
        Ok(contract) => generate::contract(&contract).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

/// The selector of the message with that name, as `[u8; 4]`: `selector!("transfer")`.
#[proc_macro]
pub fn selector(input: TokenStream) -> TokenStream {
    let name = parse_macro_input!(input as syn::LitStr);
    let [a, b, c, d, ..] = generate::hash(&name.value());
    quote::quote!([#a, #b, #c, #d]).into()
}
