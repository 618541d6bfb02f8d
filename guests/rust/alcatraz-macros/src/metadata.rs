//! A contract's description of itself: what tools need to encode arguments and decode answers.

use crate::generate::{selector, signature};
use crate::model::{docs_of, Contract, Data, Event, Message};
use quote::ToTokens;
use syn::{Field, Fields, Type};

/// JSON text of a string.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out + "\""
}

fn list<T>(items: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    let items: Vec<_> = items.into_iter().map(text).collect();
    format!("[{}]", items.join(","))
}

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"0x{digits}\"")
}

/// A type as it is written, without spaces and paths, references as what they refer to.
pub fn type_text(ty: &Type) -> String {
    match ty {
        Type::Reference(reference) => type_text(&reference.elem),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return String::new() };
            let name = match last.ident.to_string().as_str() {
                "Hash" => return "[u8;32]".into(),
                name => name.to_string(),
            };
            match &last.arguments {
                syn::PathArguments::AngleBracketed(arguments) => {
                    let inner: Vec<_> = arguments
                        .args
                        .iter()
                        .map(|argument| match argument {
                            syn::GenericArgument::Type(ty) => type_text(ty),
                            other => other.to_token_stream().to_string(),
                        })
                        .collect();
                    format!("{name}<{}>", inner.join(","))
                }
                _ => name,
            }
        }
        Type::Tuple(tuple) => {
            let inner: Vec<_> = tuple.elems.iter().map(type_text).collect();
            format!("({})", inner.join(","))
        }
        Type::Array(array) => {
            format!("[{};{}]", type_text(&array.elem), array.len.to_token_stream())
        }
        other => other.to_token_stream().to_string().replace(' ', ""),
    }
}

fn field(field: &Field) -> String {
    let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{{\"name\":{},\"type\":{}}}", string(&name), string(&type_text(&field.ty)))
}

fn message(message: &Message) -> String {
    let args = list(&message.args, |(name, ty)| {
        format!("{{\"name\":{},\"type\":{}}}", string(&name.to_string()), string(&type_text(ty)))
    });
    let returns = message.returns.as_ref().map_or("()".into(), type_text);
    format!(
        "{{\"name\":{},\"selector\":{},\"args\":{args},\"returns\":{},\"payable\":{},\
         \"mutates\":{},\"docs\":{}}}",
        string(&message.name.to_string()),
        hex(&selector(&message.name)),
        string(&returns),
        message.payable,
        message.mutates,
        list(&message.docs, |line| string(line)),
    )
}

fn event(contract: &Contract, Event { item, topics }: &Event) -> String {
    let fields = list(item.fields.iter().zip(topics), |(f, topic)| {
        let text = field(f);
        format!("{},\"topic\":{topic}}}", &text[..text.len() - 1])
    });
    format!(
        "{{\"name\":{},\"topic\":{},\"fields\":{fields},\"docs\":{}}}",
        string(&item.ident.to_string()),
        hex(&signature(&contract.name, &item.ident)),
        list(docs_of(&item.attrs), |line| string(&line)),
    )
}

fn fields(fields: &Fields) -> String {
    list(fields, field)
}

fn data(data: &Data) -> String {
    match data {
        Data::Struct(item) => format!(
            "{{\"name\":{},\"struct\":{}}}",
            string(&item.ident.to_string()),
            fields(&item.fields)
        ),
        Data::Enum(item) => {
            let variants = list(&item.variants, |variant| {
                format!(
                    "{{\"name\":{},\"fields\":{}}}",
                    string(&variant.ident.to_string()),
                    fields(&variant.fields)
                )
            });
            format!("{{\"name\":{},\"enum\":{variants}}}", string(&item.ident.to_string()))
        }
    }
}

/// Version 1 of the format; docs/metadata.md describes it.
pub fn json(contract: &Contract) -> String {
    format!(
        "{{\"alcatraz\":1,\"contract\":{},\"constructors\":{},\"messages\":{},\"events\":{},\
         \"types\":{}}}",
        string(&contract.name.to_string()),
        list(&contract.constructors, message),
        list(&contract.messages, message),
        list(&contract.events, |item| event(contract, item)),
        list(&contract.types, data),
    )
}
