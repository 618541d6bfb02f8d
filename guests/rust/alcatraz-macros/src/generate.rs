//! The code of a contract.

use crate::metadata;
use crate::model::{Contract, Data, Event, Message};
use blake2::{digest::consts::U32, Blake2b, Digest};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Fields, Ident, ItemEnum, ItemStruct, Type};

pub fn hash(text: &str) -> [u8; 32] {
    Blake2b::<U32>::digest(text.as_bytes()).into()
}

/// A message is called by these bytes, storage fields live under them.
pub fn selector(name: &Ident) -> [u8; 4] {
    let [a, b, c, d, ..] = hash(&name.to_string());
    [a, b, c, d]
}

/// The first topic of an event.
pub fn signature(contract: &Ident, event: &Ident) -> [u8; 32] {
    hash(&format!("{contract}::{event}"))
}

fn bytes(bytes: &[u8]) -> TokenStream {
    let items = bytes.iter().map(|byte| Literal::u8_suffixed(*byte));
    quote!([#(#items),*])
}

pub fn contract(contract: &Contract) -> TokenStream {
    let Contract { attrs, vis, name, items, storage, .. } = contract;
    let struct_name = &storage.ident;
    let fields = storage.fields.iter().map(|field| {
        let ident = field.ident.as_ref().expect("named");
        let prefix = bytes(&selector(ident));
        let ty = path_of(&field.ty);
        quote!(#ident: #ty::at(#prefix))
    });
    let deploy = dispatch(struct_name, &contract.constructors, None);
    let call = dispatch(struct_name, &contract.messages, contract.fallback.as_ref());
    let events = contract.events.iter().map(|item| event(name, item));
    let types = contract.types.iter().map(data);
    let text = metadata::json(contract);
    let length = text.len();
    let json = Literal::byte_string(text.as_bytes());
    quote! {
        #(#attrs)*
        #vis mod #name {
            #(#items)*
            #storage
            #(#events)*
            #(#types)*

            impl #struct_name {
                /// The contract over what is stored: for its entry points, and for tests.
                #[inline]
                pub fn stored() -> Self {
                    #struct_name { #(#fields),* }
                }
            }

            #[cfg(any(target_arch = "bpf", target_arch = "riscv64"))]
            #[no_mangle]
            unsafe extern "C" fn deploy(input: *const u8, length: u64) -> u64 {
                #deploy
            }

            #[cfg(any(target_arch = "bpf", target_arch = "riscv64"))]
            #[no_mangle]
            unsafe extern "C" fn call(input: *const u8, length: u64) -> u64 {
                #call
            }

            #[cfg(any(target_arch = "bpf", target_arch = "riscv64"))]
            #[used]
            #[link_section = ".alcatraz.metadata"]
            static __METADATA: [u8; #length] = *#json;
        }
    }
}

/// `Map<K, V>` as a path that can be followed by `::at`.
fn path_of(ty: &Type) -> TokenStream {
    quote!(<#ty>)
}

/// Reads the selector, then the arguments of the message it stands for, and calls it.
fn dispatch(struct_name: &Ident, messages: &[Message], fallback: Option<&Ident>) -> TokenStream {
    let otherwise = match fallback {
        None => quote!(::alcatraz_contract::generated::refuse()),
        Some(name) => quote! {{
            #struct_name::stored().#name(all);
            0
        }},
    };
    let arms = messages.iter().map(|message| {
        let Message { name, args, returns, payable, .. } = message;
        let selector = Literal::u32_suffixed(u32::from_le_bytes(selector(name)));
        let refuse_value =
            (!payable).then(|| quote!(::alcatraz_contract::generated::refuse_value();));
        let names: Vec<_> = (0..args.len()).map(|i| format_ident!("arg{i}")).collect();
        let types = args.iter().map(|(_, ty)| ty);
        let answer = match returns {
            None => quote!(0),
            Some(Type::Path(path)) if is_result(path) => {
                quote!(::alcatraz_contract::generated::answer_result(&answer))
            }
            Some(_) => quote!(::alcatraz_contract::generated::answer(&answer)),
        };
        let binding = returns.as_ref().map(|_| quote!(let answer =));
        quote! {
            #selector => {
                #refuse_value
                #(let Some(#names) =
                    <#types as ::alcatraz_contract::generated::Decode>::decode(&mut input)
                else {
                    ::alcatraz_contract::generated::refuse()
                };)*
                if !input.is_empty() {
                    ::alcatraz_contract::generated::refuse()
                }
                #binding #struct_name::stored().#name(#(#names),*);
                #answer
            }
        }
    });
    quote! {
        let all = core::slice::from_raw_parts(input, length as usize);
        let mut input = ::alcatraz_contract::generated::Input::new(all);
        let Some(selector) =
            <u32 as ::alcatraz_contract::generated::Decode>::decode(&mut input)
        else {
            return #otherwise
        };
        match selector {
            #(#arms)*
            _ => #otherwise,
        }
    }
}

fn is_result(path: &syn::TypePath) -> bool {
    path.path.segments.last().is_some_and(|segment| segment.ident == "Result")
}

fn event(contract: &Ident, Event { item, topics }: &Event) -> TokenStream {
    let name = &item.ident;
    let first = bytes(&signature(contract, name));
    let parts = item.fields.iter().zip(topics).map(|(field, topic)| {
        let ident = field.ident.as_ref().expect("named");
        if *topic {
            quote!(topics.push_encoded(&self.#ident);)
        } else {
            quote!(::alcatraz_contract::generated::Encode::encode_to(&self.#ident, data);)
        }
    });
    quote! {
        #item
        impl ::alcatraz_contract::env::Event for #name {
            fn emit_to(
                &self,
                topics: &mut ::alcatraz_contract::env::Topics,
                data: &mut ::alcatraz_contract::codec::Output,
            ) {
                topics.push(&#first);
                #(#parts)*
            }
        }
    }
}

fn data(data: &Data) -> TokenStream {
    match data {
        Data::Struct(item) => scale_struct(item),
        Data::Enum(item) => scale_enum(item),
    }
}

fn scale_struct(item: &ItemStruct) -> TokenStream {
    let name = &item.ident;
    let fields: Vec<_> = item.fields.iter().map(|field| field.ident.as_ref()).collect();
    quote! {
        #item
        impl ::alcatraz_contract::codec::Encode for #name {
            fn encode_to(&self, out: &mut ::alcatraz_contract::codec::Output) {
                #(::alcatraz_contract::codec::Encode::encode_to(&self.#fields, out);)*
            }
        }
        impl ::alcatraz_contract::codec::Decode for #name {
            fn decode(input: &mut ::alcatraz_contract::codec::Input) -> Option<Self> {
                Some(#name {
                    #(#fields: ::alcatraz_contract::codec::Decode::decode(input)?),*
                })
            }
        }
    }
}

fn scale_enum(item: &ItemEnum) -> TokenStream {
    let name = &item.ident;
    let encode = item.variants.iter().enumerate().map(|(index, variant)| {
        let index = Literal::u8_suffixed(index as u8);
        let ident = &variant.ident;
        let (pattern, names) = pattern_of(&variant.fields);
        quote! {
            #name::#ident #pattern => {
                out.push(#index);
                #(::alcatraz_contract::codec::Encode::encode_to(#names, out);)*
            }
        }
    });
    let decode = item.variants.iter().enumerate().map(|(index, variant)| {
        let index = Literal::u8_suffixed(index as u8);
        let ident = &variant.ident;
        let (pattern, names) = pattern_of(&variant.fields);
        quote! {
            #index => {
                #(let #names = ::alcatraz_contract::codec::Decode::decode(input)?;)*
                Some(#name::#ident #pattern)
            }
        }
    });
    quote! {
        #item
        impl ::alcatraz_contract::codec::Encode for #name {
            fn encode_to(&self, out: &mut ::alcatraz_contract::codec::Output) {
                match self { #(#encode)* }
            }
        }
        impl ::alcatraz_contract::codec::Decode for #name {
            fn decode(input: &mut ::alcatraz_contract::codec::Input) -> Option<Self> {
                match input.byte()? {
                    #(#decode)*
                    _ => None,
                }
            }
        }
    }
}

/// The fields of a variant as a pattern, and the names it binds.
fn pattern_of(fields: &Fields) -> (TokenStream, Vec<Ident>) {
    match fields {
        Fields::Unit => (quote!(), Vec::new()),
        Fields::Named(fields) => {
            let names: Vec<_> = fields.named.iter().filter_map(|f| f.ident.clone()).collect();
            (quote!({ #(#names),* }), names)
        }
        Fields::Unnamed(fields) => {
            let names: Vec<_> =
                (0..fields.unnamed.len()).map(|i| format_ident!("field{i}")).collect();
            (quote!((#(#names),*)), names)
        }
    }
}
