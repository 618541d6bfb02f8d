//! Wasmer by its compiler in one pass: `singlepass`.

use {
    alcatraz_peer_protocol::{serve, Peer, Result, Stages},
    wasmer::{imports, sys::Singlepass, Engine, Instance, Module, Store, TypedFunction},
};

struct Wasmer {
    engine: Engine,
}

struct Ready {
    store: Store,
    run: TypedFunction<i64, i64>,
}

impl Peer for Wasmer {
    type Ready = Ready;
    const VERSION: &'static str = "wasmer 7.4.2";

    fn new(mode: &str) -> Result<Self> {
        if mode != "singlepass" {
            return Err(format!("no mode is {mode}").into());
        }
        Ok(Self { engine: Singlepass::default().into() })
    }

    fn ready(&self, bytes: &[u8], stages: &mut Stages) -> Result<Ready> {
        let mut store = Store::new(self.engine.clone());
        let module = stages.time("translate", || Ok(Module::from_binary(&store, bytes)?))?;
        stages.time("instantiate", || {
            let instance = Instance::new(&mut store, &module, &imports! {})?;
            let run = instance.exports.get_typed_function(&store, "run")?;
            Ok(Ready { store, run })
        })
    }

    fn call(&self, ready: &mut Ready, n: u64) -> Result<u64> {
        Ok(ready.run.call(&mut ready.store, n as i64)? as u64)
    }
}

fn main() {
    serve::<Wasmer>();
}
