//! What a contract module says, with the attributes that are ours taken out of it.

use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Fields, FnArg, Ident, ImplItem, Item, ItemEnum, ItemMod, ItemStruct, Meta,
    Pat, Result, ReturnType, Type, Visibility,
};

pub struct Contract {
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub name: Ident,
    /// Everything in the module but storage, events and `#[scale]` types.
    pub items: Vec<Item>,
    pub storage: ItemStruct,
    pub constructors: Vec<Message>,
    pub messages: Vec<Message>,
    /// Gets the input that no message takes.
    pub fallback: Option<Ident>,
    pub events: Vec<Event>,
    pub types: Vec<Data>,
}

pub struct Message {
    pub name: Ident,
    pub docs: Vec<String>,
    pub args: Vec<(Ident, Type)>,
    pub returns: Option<Type>,
    pub payable: bool,
    pub mutates: bool,
}

pub struct Event {
    pub item: ItemStruct,
    pub topics: Vec<bool>,
}

pub enum Data {
    Struct(ItemStruct),
    Enum(ItemEnum),
}

/// Takes the attribute `name` out of `attrs`: None without one, else is it `name(payable)`.
fn take(attrs: &mut Vec<Attribute>, name: &str) -> Result<Option<bool>> {
    let Some(at) = attrs.iter().position(|attr| attr.path().is_ident(name)) else {
        return Ok(None);
    };
    match &attrs.remove(at).meta {
        Meta::Path(_) => Ok(Some(false)),
        Meta::List(list) if list.tokens.to_string() == "payable" => Ok(Some(true)),
        other => Err(Error::new(other.span(), "expected nothing, or (payable)")),
    }
}

/// The lines of a doc comment.
pub fn docs_of(attrs: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("doc")) {
        if let Meta::NameValue(pair) = &attr.meta {
            if let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value {
                lines.push(text.value().trim().to_string())
            }
        }
    }
    lines
}

fn named(fields: &Fields) -> Result<()> {
    match fields {
        Fields::Named(_) | Fields::Unit => Ok(()),
        Fields::Unnamed(_) => Err(Error::new(fields.span(), "name the fields")),
    }
}

impl Contract {
    pub fn of(module: ItemMod) -> Result<Self> {
        let span = module.ident.span();
        let Some((_, content)) = module.content else {
            return Err(Error::new(span, "a contract module has its content in braces"));
        };
        let mut items = Vec::new();
        let mut storage = None;
        let mut events = Vec::new();
        let mut types = Vec::new();
        let mut impls = Vec::new();
        for item in content {
            match item {
                Item::Struct(mut item) => {
                    if take(&mut item.attrs, "storage")?.is_some() {
                        named(&item.fields)?;
                        if storage.is_some() {
                            return Err(Error::new(item.span(), "one #[storage] is enough"));
                        }
                        storage = Some(item)
                    } else if take(&mut item.attrs, "event")?.is_some() {
                        events.push(Event::of(item)?)
                    } else if take(&mut item.attrs, "scale")?.is_some() {
                        named(&item.fields)?;
                        types.push(Data::Struct(item))
                    } else {
                        items.push(Item::Struct(item))
                    }
                }
                Item::Enum(mut item) => {
                    if take(&mut item.attrs, "scale")?.is_some() {
                        types.push(Data::Enum(item))
                    } else {
                        items.push(Item::Enum(item))
                    }
                }
                Item::Impl(item) => impls.push(item),
                other => items.push(other),
            }
        }
        let Some(storage) = storage else {
            return Err(Error::new(span, "a contract has one struct with #[storage]"));
        };
        let mut constructors = Vec::new();
        let mut messages = Vec::new();
        let mut fallback = None;
        for mut item in impls {
            for member in &mut item.items {
                let ImplItem::Fn(function) = member else { continue };
                let constructor = take(&mut function.attrs, "constructor")?;
                let message = take(&mut function.attrs, "message")?;
                if let Some(payable) = constructor {
                    constructors.push(Message::of(function, payable)?)
                }
                if take(&mut function.attrs, "fallback")?.is_some() {
                    let name = function.sig.ident.clone();
                    if fallback.replace(name).is_some() {
                        return Err(Error::new(function.sig.span(), "one #[fallback] is enough"));
                    }
                }
                if let Some(payable) = message {
                    messages.push(Message::of(function, payable)?)
                }
            }
            items.push(Item::Impl(item))
        }
        if constructors.is_empty() {
            return Err(Error::new(span, "a contract has a function with #[constructor]"));
        }
        let (attrs, vis, name) = (module.attrs, module.vis, module.ident);
        Ok(Contract {
            attrs,
            vis,
            name,
            items,
            storage,
            constructors,
            messages,
            fallback,
            events,
            types,
        })
    }
}

impl Event {
    fn of(mut item: ItemStruct) -> Result<Self> {
        named(&item.fields)?;
        let mut topics = Vec::new();
        for field in &mut item.fields {
            topics.push(take(&mut field.attrs, "topic")?.is_some())
        }
        if topics.iter().filter(|topic| **topic).count() > 3 {
            return Err(Error::new(item.span(), "an event has at most three #[topic] fields"));
        }
        Ok(Event { item, topics })
    }
}

impl Message {
    fn of(function: &syn::ImplItemFn, payable: bool) -> Result<Self> {
        let signature = &function.sig;
        let mut args = Vec::new();
        let mut mutates = None;
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(receiver) if receiver.reference.is_some() => {
                    mutates = Some(receiver.mutability.is_some())
                }
                FnArg::Receiver(receiver) => {
                    return Err(Error::new(receiver.span(), "expected &self or &mut self"))
                }
                FnArg::Typed(typed) => match &*typed.pat {
                    Pat::Ident(ident) => args.push((ident.ident.clone(), (*typed.ty).clone())),
                    other => return Err(Error::new(other.span(), "expected a name")),
                },
            }
        }
        let Some(mutates) = mutates else {
            return Err(Error::new(signature.span(), "expected &self or &mut self"));
        };
        let returns = match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some((**ty).clone()),
        };
        let docs = docs_of(&function.attrs);
        Ok(Message { name: signature.ident.clone(), docs, args, returns, payable, mutates })
    }
}
